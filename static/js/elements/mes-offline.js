/**
 * `<mes-offline>` keeps posts from below a `data-offline="what it is"` that found no network, says so at the place,
 * shows how many wait, and sends them in order when it is back. Their `idempotency_key` (or `key`) goes along, so
 * nothing is booked twice; who answers the same question anew without network replaces what waits. When it was meant
 * goes along as `happened_at`, for those who ask.
 */
import { announce } from "../lib/announce.js";
import { newKey } from "../lib/keys.js";
import { Outbox } from "../lib/outbox.js";
import { post } from "../lib/post.js";
import { Shelf } from "../lib/shelf.js";
import { icon, text } from "../lib/texts.js";

export class OfflineShelf extends HTMLElement {
  #outbox = new Outbox(new Shelf("outbox"), (entry) => this.#send(entry));
  #timer = 0;
  #online = () => this.#replay();
  #asked = (event) => {
    if (event.target.closest("[data-offline-send]")) this.#replay();
  };
  #failed = ({ detail }) => this.#keep(detail);

  connectedCallback() {
    addEventListener("online", this.#online);
    document.addEventListener("htmx:sendError", this.#failed);
    document.addEventListener("htmx:timeout", this.#failed);
    document.addEventListener("click", this.#asked);
    this.addEventListener("click", (event) => {
      const drop = event.target.closest("[data-drop]");
      if (drop) this.#outbox.drop(drop.dataset.drop).then(() => this.#paint());
    });
    this.#timer = setInterval(() => this.#replay(), 20_000);
    this.#paint().then(() => this.#replay());
  }

  disconnectedCallback() {
    removeEventListener("online", this.#online);
    document.removeEventListener("htmx:sendError", this.#failed);
    document.removeEventListener("htmx:timeout", this.#failed);
    document.removeEventListener("click", this.#asked);
    clearInterval(this.#timer);
  }

  async #keep({ elt, requestConfig }) {
    const place = elt.closest("[data-offline]");
    if (!place || requestConfig?.verb !== "post") return;
    const fields = pairs(requestConfig.formData ?? requestConfig.parameters);
    const given = Object.fromEntries(fields);
    const key = given.idempotency_key || given.key || newKey();
    if (!given.idempotency_key) fields.push(["idempotency_key", key]);
    fields.push(["happened_at", new Date().toISOString()]);
    // The page that sends it may be another one: the address must not depend on where it stands.
    const url = new URL(requestConfig.path, document.baseURI);
    await this.#outbox.keep({ url: url.pathname + url.search, key, fields, label: given.code ?? place.dataset.offline });
    if (!place.closest("mes-scan")) this.#say(place, key);
    await this.#paint();
  }

  /** Say at the place that it was not sent, once. */
  #say(place, key) {
    place.querySelector(".offline-kept")?.remove();
    const note = Object.assign(document.createElement("p"), { className: "note note-risk offline-kept" });
    note.setAttribute("role", "status");
    note.dataset.key = key;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: text("offline.now") });
    button.dataset.offlineSend = "";
    note.append(icon("cloud-off"), Object.assign(document.createElement("span"), { textContent: text("offline.kept") }), button);
    place.append(note);
  }

  async #send(entry) {
    const answer = await post(entry.url, entry.fields, { "Idempotency-Key": entry.key, "HX-Request": "true" });
    const said = message(answer.headers.get("HX-Trigger"));
    return { status: answer.status, message: said || (answer.status >= 400 ? refusal(await answer.text()) : "") };
  }

  async #replay() {
    const { waiting } = await this.#outbox.counts();
    if (!waiting || !navigator.onLine) return;
    const { sent } = await this.#outbox.replay();
    await this.#paint();
    if (sent) {
      announce("offline.sent", { n: sent }, { tone: "ok" });
      for (const node of document.querySelectorAll("[data-topic]")) node.dispatchEvent(new CustomEvent("refresh"));
    }
  }

  async #paint() {
    const { waiting, refused } = await this.#outbox.counts();
    const total = waiting + refused.length;
    const kept = new Set((await this.#outbox.waiting()).map((entry) => entry.key));
    for (const note of document.querySelectorAll(".offline-kept")) if (!kept.has(note.dataset.key)) answered(note);
    if (total) this.setAttribute("count", String(total));
    else this.removeAttribute("count");
    this.toggleAttribute("failed", refused.length > 0);
    const words = [waiting && text("offline.waiting", { n: waiting }), refused.length && text("offline.failed", { n: refused.length })];
    this.querySelector("[data-offline-text]").textContent = words.filter(Boolean).join(" · ");
    const list = this.querySelector("[data-offline-failed]");
    list.hidden = refused.length === 0;
    list.replaceChildren(...refused.map((entry) => this.#row(entry)));
  }

  #row(entry) {
    const item = document.createElement("li");
    item.textContent = `${entry.label} – ${entry.message || "?"} `;
    const drop = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: text("offline.drop") });
    drop.dataset.drop = entry.id;
    item.append(drop);
    return item;
  }
}

/** What waited has its answer: the form that gave it is done, so a live region may be read anew around it. */
function answered(note) {
  for (const mark of note.closest("[data-offline]")?.querySelectorAll("[name=writing]") ?? []) mark.remove();
  note.remove();
}

function pairs(parameters) {
  return (parameters instanceof FormData ? [...parameters] : Object.entries(parameters)).filter(([, value]) => typeof value === "string");
}

/** The words a refused page or fragment has for it. */
function refusal(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return (page.querySelector("[role=alert], .form-error") ?? page.querySelector(".empty-title"))?.textContent.trim() ?? "";
}

function message(trigger) {
  if (!trigger?.startsWith("{")) return "";
  const said = JSON.parse(trigger);
  return said["scan-result"]?.text ?? said.toast?.text ?? "";
}
customElements.define("mes-offline", OfflineShelf);
