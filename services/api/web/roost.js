// The timeline of whoever is signed in: what is held at once, what arrives every few seconds.
// Text is only ever put in as text.

const LOOK_MS = 3000;
const timeline = document.getElementById("timeline");
const state = document.getElementById("state");
let newest = "0";

function piece(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function row(tweet, users) {
  const author = users.get(tweet.author_id) ?? { name: "", username: "" };
  const at = new Date(tweet.created_at);
  const time = piece("time", "", isNaN(at) ? "" : at.toLocaleString());
  if (!isNaN(at)) time.dateTime = at.toISOString();
  const made = document.createElement("li");
  made.dataset.id = tweet.id;
  made.append(
    piece("span", "by", author.name),
    piece("span", "handle", author.username ? `@${author.username} ` : ""),
    time,
    piece("p", "text", tweet.note_tweet?.text ?? tweet.text),
  );
  return made;
}

function show(page) {
  const users = new Map((page.includes?.users ?? []).map((user) => [user.id, user]));
  const rows = (page.data ?? []).map((tweet) => row(tweet, users));
  timeline.prepend(...rows);
  newest = page.meta.newest_id ?? newest;
}

function tell(answer) {
  const stale = answer.headers.get("roost-stale");
  const asOf = answer.headers.get("roost-as-of");
  document.getElementById("sign-in-again").hidden = stale !== "sign-in-needed";
  if (stale === "not-polled-yet") state.textContent = "Your timeline is being fetched from X.";
  else if (asOf) state.textContent = `As of ${new Date(asOf).toLocaleTimeString()}` + (stale ? ` (${stale})` : "");
}

async function look() {
  const since = newest === "0" ? "" : `&since_id=${newest}`;
  try {
    const answer = await fetch(`/v1/timeline?max_results=200${since}`);
    if (answer.status === 401) return location.reload();
    if (answer.ok) {
      tell(answer);
      show(await answer.json());
    } else state.textContent = "Roost does not answer just now; trying again.";
  } catch {
    state.textContent = "Roost cannot be reached; trying again.";
  }
  setTimeout(look, LOOK_MS);
}

look();
