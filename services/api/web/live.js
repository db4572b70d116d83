// What is new, as it comes; and where nothing can be listened to, a look every few seconds.

const LOOK_MS = 10000;
const AGAIN_MS = 30000;
/** To be cut off for a moment is nothing to tell of. */
const LOST_MS = 8000;
/** Who listens counts as reading, and a page that nobody looks at is not read. */
const HIDDEN_MS = 60000;

export function listen(hear) {
  let [stream, last] = [null, ""];
  const timers = {};
  const after = (name, ms, act) => (timers[name] ??= setTimeout(() => (delete timers[name], act()), ms));
  const stop = (name) => (clearTimeout(timers[name]), delete timers[name]);

  function open() {
    stream = new EventSource(`/v1/timeline/stream${last && `?last_event_id=${encodeURIComponent(last)}`}`);
    const on = (name, told) =>
      stream.addEventListener(name, (event) => {
        last = event.lastEventId || last;
        told(JSON.parse(event.data));
      });
    on("tweet", hear.arrive);
    on("edit", hear.edit);
    on("delete", ({ id }) => hear.remove(id));
    on("gap", ({ gaps }) => hear.gaps(gaps));
    on("state", (told) => !told.reconnect && hear.state(told));
    stream.addEventListener("open", () => {
      stop("lost");
      hear.found();
    });
    stream.addEventListener("error", () => {
      after("lost", LOST_MS, hear.lost);
      if (stream.readyState !== EventSource.CLOSED) return; // it comes again by itself
      look();
      after("again", AGAIN_MS, again);
    });
  }

  function look() {
    stop("lost"); // it tells so itself
    hear.look();
    after("look", LOOK_MS, look);
  }

  function close() {
    stream.close();
    Object.keys(timers).forEach(stop);
  }

  function again() {
    close();
    if (!last) hear.look(); // what came meanwhile is told to nobody who cannot say where they were
    open();
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return after("hidden", HIDDEN_MS, close);
    stop("hidden");
    if (stream.readyState === EventSource.CLOSED) again();
  });
  if (document.hidden) after("hidden", HIDDEN_MS, close);
  open();
}
