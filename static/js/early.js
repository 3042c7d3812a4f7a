/* Runs before the first paint: a dark page never flashes white, a narrow menu never jumps, and no tap is lost while the
   rest of the program is still on its way to a slow phone. */
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

  const OURS = "[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete], [data-palette-open], [data-dialog-open], [data-shortcuts-open]";
  const held = new Map(); // element → how to do again what was asked of it, in the order of the taps
  const click = (event) => {
    const node = event.target.closest(OURS);
    if (!node || node.matches("form")) return; // a form is held when it is sent
    event.preventDefault();
    held.set(node, () => node.click());
  };
  const submit = (event) => {
    const { target, submitter } = event;
    if (!target.matches(OURS)) return;
    event.preventDefault();
    held.set(target, () => target.requestSubmit(submitter));
  };
  const release = () => {
    removeEventListener("click", click, true);
    removeEventListener("submit", submit, true);
    for (const [node, again] of held) if (node.isConnected) again();
    held.clear();
  };
  addEventListener("click", click, true);
  addEventListener("submit", submit, true);
  addEventListener("htmx:load", release, { once: true }); // htmx answers from here on
  addEventListener("load", release, { once: true }); // it never came: what the browser can do alone is done
})();
