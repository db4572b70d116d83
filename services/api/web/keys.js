// The keyboard: j and k from tweet to tweet, o to X, . to the top, ? for help.

const cards = () => [...document.querySelectorAll("#timeline > li > article")];

export function bindKeys({ toTop }) {
  const actions = {
    j: () => step(1),
    k: () => step(-1),
    o: () => document.activeElement?.closest?.("article")?.querySelector("a.open")?.click(),
    ".": toTop,
    "?": () => document.getElementById("help").showModal(),
  };
  document.getElementById("keyboard").addEventListener("click", actions["?"]);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select, dialog")) return;
    const act = actions[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function step(by) {
  const all = cards();
  const place = all.indexOf(document.activeElement?.closest?.("article"));
  const visible = all.findIndex((each) => each.getBoundingClientRect().bottom > 80);
  const to = all[place < 0 ? Math.max(0, visible) : Math.min(all.length - 1, Math.max(0, place + by))];
  to?.focus({ preventScroll: true });
  to?.scrollIntoView({ block: "nearest" });
}
