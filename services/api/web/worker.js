// Makes the page installable and quick to open: styles and scripts are kept, timelines and tokens never.
const SHELL = "roost-shell-1";
/** What one sees who opens Roost where it cannot be reached: nothing of anybody. */
const AWAY = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Roost</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="/web/roost.css"><main><section class="card" id="away"><h1>Roost cannot be reached</h1>
<p>Your timeline is kept there and not in this browser.</p>
<p class="actions"><a class="button" href="">Try again</a></p></section></main>`;

const OWN = new Set(["/", "/settings"]);

addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name)))),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/web/")) event.respondWith(newest(request));
  else if (request.mode === "navigate" && OWN.has(url.pathname)) event.respondWith(fetch(request).catch(away));
});

function away() {
  const policy = "default-src 'none'; style-src 'self'";
  return new Response(AWAY, { status: 503, headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy } });
}

async function newest(request) {
  const kept = await caches.open(SHELL);
  try {
    const answer = await fetch(request);
    if (answer.ok) await kept.put(request, answer.clone());
    return answer;
  } catch (fault) {
    const found = await kept.match(request);
    if (found) return found;
    throw fault;
  }
}
