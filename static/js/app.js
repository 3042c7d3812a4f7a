/** Starts a page: htmx, the keys every page has, and each `<mes-…>` element when it first appears. */
import htmx from "htmx";
import { announce } from "./lib/announce.js";
import { typing } from "./lib/keys.js";
import { watchRequests } from "./lib/requests.js";
import { startMenu } from "./lib/menu.js";
import { watchNumbers } from "./lib/flash.js";
import { startList } from "./lib/rows.js";
import "./lib/drafts.js";

const asked = new Set();

/** Load `elements/<tag>.js` for every element of ours below `root` that is not known yet. */
function summon(root) {
  for (const node of root.querySelectorAll(":not(:defined)")) {
    const tag = node.localName;
    if (!tag.startsWith("mes-") || asked.has(tag)) continue;
    asked.add(tag);
    import(`./elements/${tag}.js`).catch((error) => console.error(`${tag} is not a part of this page`, error));
  }
}

summon(document);
document.addEventListener("htmx:load", (event) => summon(event.detail.elt.parentNode ?? document));
htmx.config.selfRequestsOnly = true;
watchRequests();
startMenu();
watchNumbers();
startList();

document.addEventListener("keydown", (event) => {
  const wanted = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
  if (wanted) {
    event.preventDefault();
    document.querySelector("mes-palette")?.show();
    return;
  }
  if (typing(event) || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") document.querySelector("[data-form-cancel]")?.click();
  else if (event.key === "?") document.querySelector("#shortcuts")?.show?.();
  else if (event.key === "/") focusOn(event, "[data-list-search], [data-key-search]");
  else if (event.key.toLowerCase() === "n") document.querySelector("[data-new], [data-key-new]")?.click();
});

function focusOn(event, selector) {
  const field = document.querySelector(selector);
  if (!field) return;
  event.preventDefault();
  field.focus();
}

document.addEventListener("click", async (event) => {
  const opener = event.target.closest("[data-palette-open], [data-shortcuts-open], [data-dialog-open], [data-copy], [data-print]");
  if (!opener) return;
  if (opener.hasAttribute("data-palette-open")) document.querySelector("mes-palette")?.show();
  else if (opener.hasAttribute("data-shortcuts-open")) document.querySelector("#shortcuts")?.show?.();
  else if (opener.hasAttribute("data-dialog-open")) document.getElementById(opener.dataset.dialogOpen)?.show?.();
  else if (opener.hasAttribute("data-print")) window.print();
  else {
    await navigator.clipboard?.writeText(opener.dataset.copy);
    announce("copy.done", { text: opener.dataset.copy });
  }
});
