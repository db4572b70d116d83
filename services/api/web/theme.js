// Runs before the page is drawn, so that nobody sees a flash of the other colours.
const COLOURS = { light: "#ffffff", dark: "#11171d" };

function choose(theme) {
  document.documentElement.dataset.theme = theme;
  for (const each of document.querySelectorAll("meta[name=theme-color]")) each.content = COLOURS[theme];
}

const chosen = localStorage.getItem("theme");
if (chosen in COLOURS) choose(chosen);

addEventListener("DOMContentLoaded", () => {
  document.getElementById("theme")?.addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    choose(isDark ? "light" : "dark");
    localStorage.setItem("theme", root.dataset.theme);
  });
  navigator.serviceWorker?.register("/web/worker.js", { scope: "/" }).catch(() => undefined);
});
