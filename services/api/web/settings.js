// The account of whoever is signed in: how it stands, what it costs, its keys and links, and its end.

import { make } from "/web/tweet.js";
import { says } from "/web/words.js";

const get = (id) => document.getElementById(id);
const JSON_HEADERS = { "content-type": "application/json" };

/** What was asked for was not done, and they have been told why. */
class Refused extends Error {}

async function ask(method, path, body) {
  const sent = { method, cache: "no-store", headers: body && JSON_HEADERS, body: body && JSON.stringify(body) };
  const answer = await fetch(path, sent).catch(() => Response.error());
  if (answer.status === 401) {
    location.assign("/login?return_to=/settings");
    throw new Refused();
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  get("told").textContent = told.detail ?? "Roost cannot be reached; try again.";
  if (answer.status === 403 && /15 minutes/.test(told.detail ?? "")) {
    const again = make("a", "button", "Sign in again");
    again.href = "/login?return_to=/settings";
    get("told").append(" ", again);
  }
  throw new Refused();
}

/** Do something when it is asked for, once at a time. */
function on(id, kind, act) {
  let isBusy = false;
  get(id).addEventListener(kind, async (event) => {
    if (kind === "submit") event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    get("told").textContent = "";
    try {
      await act(event);
    } catch (fault) {
      if (!(fault instanceof Refused)) throw fault;
    } finally {
      isBusy = false;
    }
  });
}

function describe(list, pairs) {
  const described = ([name, value]) => {
    const said = make("dd");
    said.append(make("bdi", "", String(value)));
    return [make("dt", "", name), said];
  };
  list.replaceChildren(...pairs.flatMap(described));
}

const instant = (at) => (at ? new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }) : "never");

async function load() {
  const account = await ask("GET", "/v1/account");
  describe(get("account"), [
    ["Name", account.name],
    ["Handle", `@${account.username}`],
    ["Since", instant(account.registered_at)],
    ["Polled", account.parked ? says[account.parked] ?? account.parked : account.standing === "paused" ? "Not while you pause." : account.asleep ? "When you read." : "Yes."],
    ["Tweets held", account.tweets],
    ["Gaps", account.gaps],
  ]);
  describe(get("fresh"), [
    ["As of", instant(account.as_of)],
    ["Fresh", account.stale ? says[account.stale] ?? account.stale : "Yes."],
    ["Last poll", account.last_outcome === "page" ? "Went well." : says[account.last_outcome] ?? account.last_outcome ?? "None yet."],
    ["Posts read today", account.spent.posts_today],
    ["Cost today", `$${account.spent.dollars_today.toFixed(3)}`],
  ]);
  const meter = get("window");
  if (account.window) {
    meter.max = account.window.limit;
    meter.value = account.window.left;
    get("window-says").textContent = `${account.window.left} of ${account.window.limit}, until ${instant(account.window.resets_at)}`;
  } else get("window-says").textContent = "X has not told yet.";
  get("sign-in-again").hidden = account.parked !== "sign-in-needed";
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
    const about = `${each.name}${each.scopes?.includes("account:write") ? ", may change the account" : ""}; last used ${instant(each.used_at)}`;
    const revoke = make("button", "", "Revoke");
    revoke.setAttribute("aria-label", `Revoke ${each.name}`);
    revoke.id = `revoke-${each.id}`;
    row.append(make("span", "", about), revoke);
    return row;
  });
  get(kind).replaceChildren(...(rows.length ? rows : [make("li", "quiet", "None yet.")]));
  for (const { id } of told[kind])
    on(`revoke-${id}`, "click", async () => {
      await ask("DELETE", `/v1/account/${kind}/${id}`);
      await loadList(kind);
      get(`${kind}-title`).focus();
    });
}

function showOnce(pairs) {
  const rows = pairs.flatMap(([name, value]) => {
    const said = make("dd");
    const copy = make("button", "", "Copy");
    copy.setAttribute("aria-label", `Copy ${name}`);
    const code = make("code", "", value);
    copy.addEventListener("click", () => copied(code).then(() => (copy.textContent = "Copied"), () => (copy.textContent = "Marked")));
    said.append(code, copy);
    return [make("dt", "", name), said];
  });
  get("secrets").replaceChildren(...rows);
  get("shown").showModal();
}

/** Copy what is shown; where scripts may not, mark it, so that one need only press the keys. */
async function copied(shown) {
  getSelection().selectAllChildren(shown);
  await navigator.clipboard.writeText(shown.textContent);
}

on("new-key", "submit", async (event) => {
  const form = new FormData(event.target);
  const scopes = ["timeline:read", ...(form.get("write") ? ["account:write"] : [])];
  const key = await ask("POST", "/v1/account/keys", { name: form.get("name"), scopes, oauth1: Boolean(form.get("oauth1")) });
  event.target.reset();
  showOnce(Object.entries(key.oauth1 ?? { token: key.token }));
  await loadList("keys");
});

on("new-feed", "submit", async (event) => {
  const link = await ask("POST", "/v1/account/feeds", { name: new FormData(event.target).get("name") });
  event.target.reset();
  showOnce([["Atom", link.atom], ["JSON Feed", link.json]]);
  await loadList("feeds");
});

on("pause", "click", async () => {
  await ask(get("pause").dataset.paused === "true" ? "DELETE" : "PUT", "/v1/account/pause");
  await load();
});

on("mode", "change", async ({ target }) => {
  await (target.value ? ask("PUT", "/v1/account/mode", { mode: target.value }) : ask("DELETE", "/v1/account/mode"));
  get("told").textContent = "Kept.";
  await load();
});

on("everywhere", "click", async () => {
  await ask("POST", "/logout?everywhere=true");
  location.assign("/");
});

get("forget").addEventListener("click", () => get("sure").showModal());
get("handle").addEventListener("input", ({ target }) => {
  get("forget-now").disabled = target.value.replace(/^@/, "").toLowerCase() !== target.dataset.handle.toLowerCase();
});
on("sure", "close", async () => {
  if (get("sure").returnValue !== "forget") return;
  await ask("DELETE", "/v1/account");
  location.assign("/");
});

await Promise.allSettled([load(), loadList("keys"), loadList("feeds")]);
