// The home timeline: what is held at once, what is older as one scrolls, what is new as it comes.

import { bindKeys } from "/web/keys.js";
import * as list from "/web/list.js";
import { listen } from "/web/live.js";

const PAGE = 50;
const NEAR_TOP = 300;
const get = (id) => document.getElementById(id);
const says = {
  "not-polled-yet": "Your timeline is being fetched from X.",
  paused: "You have paused: nothing new is fetched.",
  "budget-spent": "The money for today is spent; new tweets come tomorrow.",
  "requests-spent": "There is a moment's wait before X may be asked again.",
  "catching-up": "Welcome back: what you missed is being fetched.",
  limited: "X lets nobody ask more often just now.",
  "sign-in-needed": "X no longer lets us read for you.",
  locked: "X has locked your account: see to it on X.",
  suspended: "X has suspended your account.",
};
let [next, isLoading] = [null, false];
const waiting = [];

async function ask(query, headers = {}) {
  const answer = await fetch(`/v1/timeline?max_results=${PAGE}${query}`, { headers });
  if (answer.status === 401) return location.reload();
  if (!answer.ok) throw new Error(answer.status);
  tell({ as_of: answer.headers.get("roost-as-of"), stale: answer.headers.get("roost-stale") });
  return answer.json();
}

function show(page, until) {
  const { newest_id: newest, oldest_id: oldest } = page.meta;
  list.put(page.data ?? [], page.includes);
  const from = page.meta.next_token ? oldest : "0";
  list.setGaps(page.gaps ?? [], from ?? "0", until ?? newest ?? "9223372036854775807");
}

function tell({ as_of: asOf, stale }) {
  get("sign-in-again").hidden = stale !== "sign-in-needed";
  const when = asOf ? `As of ${new Date(asOf).toLocaleTimeString()}` : "";
  const text = stale ? says[stale] ?? `Not quite fresh (${stale}).` : "";
  get("state").textContent = [when, text].filter(Boolean).join(" · ") || says["not-polled-yet"];
}

async function older() {
  if (isLoading || next === null) return;
  isLoading = true;
  try {
    const until = list.oldest();
    const page = await ask(next && `&pagination_token=${next}`);
    if (!page) return;
    show(page, until);
    next = page.meta.next_token ?? null;
    get("more").hidden = next === null;
    get("end").hidden = next !== null;
    get("end").textContent = list.newest()
      ? "This is where what Roost has kept for you begins."
      : "Nobody you follow has posted, as far as X has told.";
  } catch {
    get("state").textContent = "Roost cannot be reached; trying again.";
    setTimeout(() => dispatchEvent(new Event("try-again")), 5000);
  } finally {
    isLoading = false;
    if (next !== null && isNear(get("more"))) requestAnimationFrame(older);
  }
}

const isNear = (element) => element.getBoundingClientRect().top < innerHeight + 800;

function arrive(page) {
  if (scrollY < NEAR_TOP) return list.put([page.data], page.includes);
  waiting.push(page);
  get("news").hidden = false;
  get("news").textContent = waiting.length === 1 ? "1 new tweet" : `${waiting.length} new tweets`;
}

function toTop() {
  for (const page of waiting.splice(0)) list.put([page.data], page.includes);
  get("news").hidden = true;
  scrollTo({ top: 0, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

async function newest(headers) {
  const page = await ask("", headers).catch(() => null);
  if (page) show(page);
}

addEventListener("fetch-gap", async ({ detail: gap }) => {
  const until = BigInt(gap.newer_id) < 1n << 62n ? `&until_id=${gap.newer_id}` : "";
  const page = await ask(until, { Prefer: "wait=5" }).catch(() => null);
  if (page) show(page, gap.newer_id);
});
addEventListener("try-again", older);
get("news").addEventListener("click", toTop);
bindKeys({ toTop });

next = "";
await older();
new IntersectionObserver(([seen]) => seen.isIntersecting && older(), { rootMargin: "800px" }).observe(get("more"));
listen({
  arrive,
  edit: (page) => {
    page.replaces.forEach(list.remove);
    arrive(page);
  },
  remove: list.remove,
  gaps: (told) => list.setGaps(told),
  state: (told) => (told.missed ? newest() : tell(told)),
  look: () => newest(),
});
