// The account of whoever is signed in: how it stands, what it costs, its keys and links, and its end.

import { make } from "/web/tweet.js";

const get = (id) => document.getElementById(id);
const JSON_HEADERS = { "content-type": "application/json" };

async function ask(method, path, body) {
  const answer = await fetch(path, { method, headers: body && JSON_HEADERS, body: body && JSON.stringify(body) });
  if (answer.status === 401) return location.assign("/login?return_to=/settings");
  const told = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  get("told").textContent = told.detail ?? "Roost cannot be reached; try again.";
  if (answer.status === 403 && /15 minutes/.test(told.detail ?? "")) {
    const again = make("a", "button", "Sign in again");
    again.href = "/login?return_to=/settings";
    get("told").append(" ", again);
  }
  throw new Error(told.detail);
}

function describe(list, pairs) {
  list.replaceChildren(...pairs.flatMap(([name, value]) => [make("dt", "", name), make("dd", "", String(value))]));
}

const instant = (at) => (at ? new Date(at).toLocaleString() : "never");

async function load() {
  const account = await ask("GET", "/v1/account");
  describe(get("account"), [
    ["Who", `${account.name} (@${account.username})`],
    ["Since", instant(account.registered_at)],
    ["Polled", account.parked ? `no: X says ${account.parked}` : account.standing === "paused" ? "no: paused" : account.asleep ? "when you read" : "yes"],
    ["Tweets held", account.tweets],
    ["Gaps", account.gaps],
  ]);
  describe(get("fresh"), [
    ["As of", instant(account.as_of)],
    ["Stale", account.stale ? `yes: ${account.stale}` : "no"],
    ["Last poll", account.last_outcome ?? "none yet"],
    ["Posts read today", account.spent.posts_today],
    ["Dollars today", account.spent.dollars_today.toFixed(4)],
  ]);
  const meter = get("window");
  if (account.window) {
    meter.max = account.window.limit;
    meter.value = account.window.left;
    get("window-says").textContent = `${account.window.left} of ${account.window.limit}, until ${instant(account.window.resets_at)}`;
  } else get("window-says").textContent = "X has not told yet.";
  get("pause").textContent = account.standing === "paused" ? "Resume" : "Pause";
  get("pause").dataset.paused = String(account.standing === "paused");
  const mode = get("mode");
  if (![...mode.options].some((each) => each.value === account.mode)) mode.add(new Option(account.mode, account.mode));
  mode.value = account.mode;
}

async function loadList(kind) {
  const told = await ask("GET", `/v1/account/${kind}`);
  const rows = told[kind].map((each) => {
    const row = make("li");
    row.dataset.id = each.id;
    const says = `${each.name}${each.scopes?.includes("account:write") ? ", may change the account" : ""}; last used ${instant(each.used_at)}`;
    const revoke = make("button", "", "Revoke");
    revoke.setAttribute("aria-label", `Revoke ${each.name}`);
    revoke.addEventListener("click", async () => {
      await ask("DELETE", `/v1/account/${kind}/${each.id}`);
      await loadList(kind);
    });
    row.append(make("span", "", says), revoke);
    return row;
  });
  get(kind).replaceChildren(...(rows.length ? rows : [make("li", "quiet", "none")]));
}

function showOnce(pairs) {
  const rows = pairs.flatMap(([name, value]) => {
    const said = make("dd");
    const copy = make("button", "", "Copy");
    copy.setAttribute("aria-label", `Copy ${name}`);
    copy.addEventListener("click", () => navigator.clipboard?.writeText(value).then(() => (copy.textContent = "Copied")));
    said.append(make("code", "", value), copy);
    return [make("dt", "", name), said];
  });
  get("secrets").replaceChildren(...rows);
  get("shown").showModal();
}

get("new-key").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const scopes = ["timeline:read", ...(form.get("write") ? ["account:write"] : [])];
  const key = await ask("POST", "/v1/account/keys", { name: form.get("name"), scopes, oauth1: Boolean(form.get("oauth1")) });
  event.target.reset();
  showOnce(Object.entries(key.oauth1 ?? { token: key.token }));
  await loadList("keys");
});

get("new-feed").addEventListener("submit", async (event) => {
  event.preventDefault();
  const link = await ask("POST", "/v1/account/feeds", { name: new FormData(event.target).get("name") });
  event.target.reset();
  showOnce([["Atom", link.atom], ["JSON Feed", link.json]]);
  await loadList("feeds");
});

get("pause").addEventListener("click", async () => {
  await ask(get("pause").dataset.paused === "true" ? "DELETE" : "PUT", "/v1/account/pause");
  await load();
});

get("mode").addEventListener("change", async ({ target }) => {
  await (target.value ? ask("PUT", "/v1/account/mode", { mode: target.value }) : ask("DELETE", "/v1/account/mode"));
  get("told").textContent = "Kept.";
  await load();
});

get("everywhere").addEventListener("click", async () => {
  await fetch("/logout?everywhere=true", { method: "POST" });
  location.assign("/");
});

get("forget").addEventListener("click", () => get("sure").showModal());
get("handle").addEventListener("input", ({ target }) => {
  get("forget-now").disabled = target.value.replace(/^@/, "").toLowerCase() !== target.dataset.handle.toLowerCase();
});
get("sure").addEventListener("close", async () => {
  if (get("sure").returnValue !== "forget") return;
  await ask("DELETE", "/v1/account");
  location.assign("/");
});

await Promise.allSettled([load(), loadList("keys"), loadList("feeds")]);
