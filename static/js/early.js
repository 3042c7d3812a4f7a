/* Runs before the first paint, so that a dark page never flashes white and a narrow menu never jumps. */
(() => {
  const root = document.documentElement;
  let kept = {};
  try {
    kept = { theme: localStorage.getItem("takt.theme"), menu: localStorage.getItem("takt.menu") };
  } catch {
    kept = {}; // storage is closed (private mode): the server's choice stands
  }
  const wish = kept.theme || root.dataset.theme || "auto";
  const dark = wish === "dark" || (wish === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = wish;
  root.dataset.bsTheme = dark ? "dark" : "light";
  if (kept.menu === "narrow") root.dataset.menu = "narrow";
})();
