// The home timeline: what is held at once, what is older as one scrolls, what is new as it comes.

import { bindKeys } from "/web/keys.js";
import * as list from "/web/list.js";
import { listen } from "/web/live.js";
import { says } from "/web/words.js";

const PAGE = 50;
/** Above all ids. */
const TOP = "9223372036854775807";
/** How far down one still sees what arrives; browsers that do not hold what is shown in place are moved by it. */
const NEAR_TOP = CSS.supports("overflow-anchor", "auto") ? 300 : 8;
const get = (id) => document.getElementById(id);
/** The token of what is older, "" before anything was read, null where there is nothing older. */
let next = "";
let reading = null;
let known = {};
/** Pages of one tweet: what is new while one reads further down, and what came for where one has not read yet. */
const waiting = new Map();
const early = [];

async function ask(query, headers = {}) {
  const answer = await fetch(`/v1/timeline?max_results=${PAGE}${query}`, { headers, cache: "no-store" });
  if (answer.status === 401) return location.reload();
  if (!answer.ok) throw new Error(answer.status);
  tell({ as_of: answer.headers.get("roost-as-of"), stale: answer.headers.get("roost-stale") });
  return answer.json();
}

/** Show a part of the timeline, which ends below `until`; of the rows that `had` names, those it has no more go. */
function show(page, until = TOP, had = []) {
  const { newest_id: newest = until, oldest_id: oldest } = page.meta;
  const from = page.meta.next_token ? oldest : "0";
  const held = new Set((page.data ?? []).map((tweet) => tweet.id));
  const isCovered = (id) => BigInt(id) >= BigInt(from) && BigInt(id) < BigInt(until);
  had.filter((id) => isCovered(id) && !held.has(id)).forEach(gone);
  put(page);
  list.setGaps(page.gaps ?? [], from, until === TOP ? newest : until);
}

function put({ data = [], includes }) {
  list.put(data, includes);
  for (const { id } of data) waiting.delete(id);
  tellNews();
  tellEnd();
}

function gone(id) {
  list.remove(id);
  waiting.delete(id);
  tellNews();
}

function tell({ as_of: asOf, stale }) {
  known = { asOf, stale };
  say();
  tellEnd();
}

function say(trouble) {
  const { asOf, stale } = known;
  get("sign-in-again").hidden = stale !== "sign-in-needed";
  const text = trouble ?? (stale ? says[stale] ?? `Not quite fresh (${stale}).` : asOf ? "" : says["not-polled-yet"]);
  get("as-of").textContent = asOf ? `As of ${moment(new Date(asOf))}` : "";
  if (get("says").textContent !== text) get("says").textContent = text; // it is read out
}

function moment(at) {
  const isLongAgo = Date.now() - at > 43200000;
  return isLongAgo ? at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }) : at.toLocaleTimeString();
}

const lost = () => say("Roost cannot be reached; trying again.");

function tellNews() {
  const count = waiting.size;
  get("news").hidden = count === 0;
  get("news").textContent = count === 1 ? "1 new tweet" : `${count} new tweets`;
}

function tellEnd() {
  const [isEmpty, isPolled] = [!list.newest(), Boolean(known.asOf)];
  get("more").hidden = next === null;
  get("end").hidden = next !== null || (isEmpty && !isPolled);
  get("end").textContent = isEmpty
    ? "Nobody you follow has posted, as far as X has told."
    : "This is where what Roost has kept for you begins.";
}

/** Read what is older than what is shown; tell whether that went well. */
function older() {
  if (next === null) return Promise.resolve(true);
  reading ??= readOlder().finally(() => {
    reading = null;
    early.splice(0).forEach(arrive);
  });
  return reading;
}

async function readOlder() {
  try {
    const until = list.oldest();
    const page = await ask(next && `&pagination_token=${next}`);
    if (!page) return false;
    next = page.meta.next_token ?? null;
    show(page, until);
  } catch {
    lost();
    setTimeout(older, 5000);
    return false;
  }
  if (next !== null && isNear(get("more"))) requestAnimationFrame(older);
  return true;
}

const isNear = (element) => element.getBoundingClientRect().top < innerHeight + 800;

/** Read anew from `until` down to `reached`, page by page: between two pages nothing is left out. */
async function reread(query, { until, reached = list.oldest(), headers } = {}) {
  if (reached === undefined) {
    next = "";
    return older();
  }
  try {
    for (let more = query; more !== null; ) {
      const had = list.ids();
      const page = await ask(more, headers);
      if (!page) return;
      show(page, until, had);
      const { next_token: token, oldest_id: oldest } = page.meta;
      more = token && BigInt(oldest) > BigInt(reached) ? `&pagination_token=${token}` : null;
      [until, headers] = [oldest, undefined];
    }
  } catch {
    lost();
    list.draw(); // its buttons can be pressed again
  }
}

/** Show what is new: at once to one who is at the top, else when they ask. */
function arrive(page) {
  const { id } = page.data;
  const [newest, oldest] = [list.newest(), list.oldest()];
  if (next !== null && (!oldest || BigInt(id) < BigInt(oldest))) return reading && early.push(page); // or it is read later
  const isNew = !newest || BigInt(id) > BigInt(newest);
  if (!isNew || isAtTop()) return put({ data: [page.data], includes: page.includes });
  waiting.set(id, page);
  tellNews();
}

const isAtTop = () => scrollY < NEAR_TOP && !document.activeElement?.closest?.("article");

function toTop() {
  for (const page of [...waiting.values()]) put({ data: [page.data], includes: page.includes });
  document.activeElement?.blur();
  scrollTo({ top: 0, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

/** Go on where one was who went elsewhere and has come back. */
async function goBack({ id, top, who } = {}) {
  if (who !== document.body.dataset.who || !list.newest()) return;
  while (next !== null && BigInt(list.oldest()) > BigInt(id)) if (!(await older())) return;
  for (let times = 3; times > 0; times--) {
    const row = list.has(id); // what was above it was guessed to be as high as it is
    if (row) scrollBy({ top: row.getBoundingClientRect().top - top, behavior: "instant" });
    await new Promise(requestAnimationFrame);
  }
}

history.scrollRestoration = "manual";
addEventListener("pagehide", () => {
  history.replaceState(scrollY > NEAR_TOP ? { ...list.seen(), who: document.body.dataset.who } : null, "");
});
addEventListener("fetch-gap", ({ detail: gap }) => {
  const until = BigInt(gap.newer_id) < 1n << 62n ? gap.newer_id : undefined;
  return reread(until ? `&until_id=${until}` : "", { until, reached: gap.older_id, headers: { Prefer: "wait=5" } });
});
get("news").addEventListener("click", toTop);
bindKeys({ toTop });

await older();
await goBack(history.state ?? undefined);
new IntersectionObserver(([seen]) => seen.isIntersecting && older(), { rootMargin: "800px" }).observe(get("more"));
setInterval(list.renewTimes, 30000);
listen({
  arrive,
  edit: (page) => {
    page.replaces.forEach(gone);
    arrive(page);
  },
  remove: gone,
  gaps: (told) => list.setGaps(told),
  state: (told) => (told.missed ? reread("") : tell(told)),
  look: () => reread("", { reached: list.newest() }),
  lost,
  found: () => say(),
});
