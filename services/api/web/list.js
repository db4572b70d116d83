// The tweets on the page, newest first by id, and the gaps between them.

import { ago, card, gather, make, writtenAt } from "/web/tweet.js";

const list = document.getElementById("timeline");
let gaps = [];

export const has = (id) => list.querySelector(`:scope > li[data-id="${id}"]`);
export const newest = () => list.querySelector(":scope > li.row")?.dataset.id;
export const ids = () => [...list.querySelectorAll(":scope > li.row")].map((row) => row.dataset.id);
export const oldest = () => [...list.querySelectorAll(":scope > li.row")].at(-1)?.dataset.id;

/** Put tweets in their places; one that is there is shown anew. */
export function put(tweets, includes) {
  const shown = gather(includes);
  for (const tweet of tweets) {
    const row = make("li", "row");
    row.dataset.id = tweet.id;
    row.append(card(tweet, shown));
    const there = has(tweet.id);
    if (there) there.replaceWith(row);
    else list.insertBefore(row, below(tweet.id));
  }
}

export function remove(id) {
  has(id)?.remove();
}

/** Name the tweet at the top of what is seen, and how far down it is. */
export function seen() {
  const row = [...list.querySelectorAll(":scope > li.row")].find((each) => each.getBoundingClientRect().bottom > 80);
  return row && { id: row.dataset.id, top: row.getBoundingClientRect().top };
}

/** Say anew how long ago each was written. */
export function renewTimes() {
  for (const each of list.querySelectorAll("time")) {
    const said = ago(new Date(each.dateTime));
    if (each.textContent !== said) each.textContent = said;
  }
}

/** Know the gaps of a part of the timeline anew, or of all of it. */
export function setGaps(told, from, to) {
  const beyond = (gap) => from && (BigInt(gap.newer_id) <= BigInt(from) || BigInt(gap.older_id) >= BigInt(to));
  const others = gaps.filter(beyond);
  const same = (one, other) => one.older_id === other.older_id;
  gaps = [...told, ...others.filter((gap) => !told.some((other) => same(gap, other)))];
  draw();
}

export function draw() {
  list.querySelectorAll(":scope > li.gap").forEach((row) => row.remove());
  const last = oldest();
  for (const gap of gaps) {
    if (last && BigInt(gap.newer_id) < BigInt(last)) continue; // it lies further down than was read
    list.insertBefore(gapRow(gap), below(gap.newer_id));
  }
}

function gapRow(gap) {
  const row = make("li", "gap");
  row.dataset.newer = gap.newer_id;
  const span = [gap.older_id, gap.newer_id].map((id) => instant(id)).filter(Boolean).join(" and ");
  const where = span.includes(" and ") ? `between ${span}` : "from before";
  const says = {
    filling: `Tweets ${where} are being fetched.`,
    "when-read": `Tweets ${where} were not fetched yet.`,
    unfillable: `Tweets ${where} may be missing: X no longer gives them.`,
  };
  row.append(make("span", "", says[gap.reason] ?? says.filling));
  if (gap.reason !== "unfillable") {
    const now = make("button", "", "Fetch now");
    now.type = "button";
    now.addEventListener("click", () => {
      now.disabled = true;
      dispatchEvent(new CustomEvent("fetch-gap", { detail: gap }));
    });
    row.append(now);
  }
  return row;
}

function instant(id) {
  const number = BigInt(id);
  if (number < 1n << 40n || number > (1n << 62n)) return "";
  return writtenAt(id).toLocaleString(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

/** Find the first row that is older than an id. */
function below(id) {
  const number = BigInt(id);
  const rows = list.querySelectorAll(":scope > li.row");
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (BigInt(rows[middle].dataset.id) < number) high = middle;
    else low = middle + 1;
  }
  return rows[low] ?? null;
}
