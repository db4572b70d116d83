// What is new, as it comes; and where nothing can be listened to, a look every few seconds.

const LOOK_MS = 10000;
const AGAIN_MS = 30000;

export function listen(hear) {
  const stream = new EventSource("/v1/timeline/stream");
  const on = (name, told) => stream.addEventListener(name, (event) => told(JSON.parse(event.data)));
  on("tweet", hear.arrive);
  on("edit", hear.edit);
  on("delete", ({ id }) => hear.remove(id));
  on("gap", ({ gaps }) => hear.gaps(gaps));
  on("state", (told) => !told.reconnect && hear.state(told));
  stream.addEventListener("error", () => {
    if (stream.readyState !== EventSource.CLOSED) return; // it comes again by itself
    const looking = setInterval(hear.look, LOOK_MS);
    setTimeout(() => {
      clearInterval(looking);
      listen(hear);
    }, AGAIN_MS);
  });
}
