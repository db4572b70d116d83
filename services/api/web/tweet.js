// One tweet as X asks that it be shown: who, handle, when, what, unaltered, with what it links to linked.
// Text is only ever put in as text.

const EPOCH_MS = 1288834974657n;

export function make(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

export function link(address, text, className = "") {
  const made = make("a", className, text);
  if (/^https?:\/\//.test(address)) made.href = address;
  made.rel = "noopener noreferrer";
  made.target = "_blank";
  return made;
}

/** When a tweet of this id was written. */
export function writtenAt(id) {
  return new Date(Number((BigInt(id) >> 22n) + EPOCH_MS));
}

/** What is shown with tweets, by id. */
export function gather(includes = {}) {
  const byId = (things, name = "id") => new Map((things ?? []).map((thing) => [thing[name], thing]));
  return {
    users: byId(includes.users),
    tweets: byId(includes.tweets),
    media: byId(includes.media, "media_key"),
  };
}

export function card(tweet, shown) {
  const original = shown.tweets.get(referred(tweet, "retweeted")) ?? tweet;
  const made = make("article", "tweet");
  made.dataset.id = tweet.id;
  made.tabIndex = -1;
  if (original !== tweet) made.append(reposted(shown.users.get(tweet.author_id)));
  made.append(face(authorOf(original, shown)), inside(original, shown));
  const quoted = shown.tweets.get(referred(original, "quoted"));
  if (quoted) {
    const nested = make("blockquote", "quoted");
    nested.append(face(authorOf(quoted, shown)), inside(quoted, shown));
    made.lastChild.append(nested);
  }
  made.lastChild.append(link(pageOf(original, shown), "Open on X", "open"));
  return made;
}

function reposted(by) {
  const made = make("p", "reposted");
  made.append(by ? named(by, by.name, "reposter") : "Somebody", " reposted");
  return made;
}

function referred(tweet, type) {
  return tweet.referenced_tweets?.find((each) => each.type === type)?.id;
}

function authorOf(tweet, shown) {
  return shown.users.get(tweet.author_id) ?? { name: "", username: "" };
}

function pageOf(tweet, shown) {
  return `https://x.com/${authorOf(tweet, shown).username || "i/web"}/status/${tweet.id}`;
}

function inside(tweet, shown) {
  const [author, page] = [authorOf(tweet, shown), pageOf(tweet, shown)];
  const head = make("p", "head");
  head.append(named(author, author.name, "by"), named(author, `@${author.username}`, "handle"), time(tweet, page));
  const text = make("p", "text");
  text.lang = tweet.lang ?? "";
  text.dir = "auto";
  const whole = tweet.note_tweet ?? tweet;
  text.append(...pieces(whole.text, whole.entities));
  const made = make("div", "body");
  made.append(head, text, ...media(tweet, shown, page));
  return made;
}

/** Link to somebody; a name has a direction of its own and turns nothing around that stands beside it. */
function named(author, text, className) {
  const made = link(`https://x.com/${author.username || "i"}`, "", className);
  made.append(make("bdi", "", text));
  return made;
}

function face(author) {
  const [initial] = author.name || author.username || "?";
  const made = link(`https://x.com/${author.username || "i"}`, initial, "face");
  made.tabIndex = -1; // the name beside it leads there too
  made.setAttribute("aria-hidden", "true");
  if (/^https:\/\/pbs\.twimg\.com\//.test(author.profile_image_url ?? "")) {
    const picture = make("img");
    picture.alt = "";
    picture.loading = "lazy";
    picture.addEventListener("error", () => picture.remove());
    picture.src = author.profile_image_url;
    made.append(picture);
  }
  return made;
}

function time(tweet, page) {
  const at = writtenAt(tweet.id);
  const made = make("time", "", ago(at));
  made.dateTime = at.toISOString();
  made.title = at.toLocaleString();
  const to = link(page, "", "when");
  if (tweet.edit_history_tweet_ids?.length > 1) to.append("Edited · ");
  to.append(made);
  return to;
}

export function ago(at) {
  const minutes = Math.floor((Date.now() - at) / 60000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h`;
  return at.toLocaleDateString(undefined, { day: "numeric", month: "short" });
}

/** Cut a text at what leads elsewhere; places count code points. */
function pieces(text, entities = {}) {
  const points = Array.from(text);
  const spans = [
    ...(entities.urls ?? []).map((each) => [each, each.media_key ? null : [each.expanded_url ?? each.url, each.display_url ?? each.url]]),
    ...(entities.mentions ?? []).map((each) => [each, [`https://x.com/${each.username}`, `@${each.username}`]]),
    ...(entities.hashtags ?? []).map((each) => [each, [`https://x.com/hashtag/${encodeURIComponent(each.tag)}`, `#${each.tag}`]]),
    ...(entities.cashtags ?? []).map((each) => [each, [`https://x.com/search?q=%24${encodeURIComponent(each.tag)}`, `$${each.tag}`]]),
  ].sort(([one], [other]) => one.start - other.start);
  const made = [];
  let place = 0;
  for (const [{ start, end }, to] of spans) {
    if (start < place || end > points.length) continue;
    made.push(plain(points.slice(place, start).join("")));
    if (to) made.push(link(to[0], plain(to[1])));
    place = end;
  }
  return [...made, plain(points.slice(place).join(""))];
}

function plain(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function media(tweet, shown, page) {
  const found = (tweet.attachments?.media_keys ?? []).map((key) => shown.media.get(key)).filter(Boolean);
  if (!found.length) return [];
  const made = make("div", found.length > 1 ? "media many" : "media");
  for (const each of found) {
    const to = link(each.type === "photo" ? each.url ?? page : page, "");
    const picture = make("img");
    picture.alt = each.alt_text || (each.type === "photo" ? "Picture" : "Video");
    picture.loading = "lazy";
    if (each.width && each.height) [picture.width, picture.height] = [each.width, each.height];
    picture.src = each.url ?? each.preview_image_url ?? "";
    to.append(picture);
    if (each.type !== "photo") to.append(make("span", "play", each.type === "video" ? "▶" : "GIF"));
    made.append(to);
  }
  return [made];
}
