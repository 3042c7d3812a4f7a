/**
 * `<mes-offline>` keeps posts of forms marked `data-offline` that found no network, shows how many wait, and sends them
 * in order when it is back. The form's `idempotency_key` goes along, so nothing is booked twice.
 */
import { announce } from "../lib/announce.js";
import { newKey } from "../lib/keys.js";
import { Outbox } from "../lib/outbox.js";
import { post } from "../lib/post.js";
import { Shelf } from "../lib/shelf.js";
import { text } from "../lib/texts.js";

export class OfflineShelf extends HTMLElement {
  #outbox = new Outbox(new Shelf("outbox"), (entry) => this.#send(entry));
  #timer = 0;
  #online = () => this.#replay();
  #failed = ({ detail }) => this.#keep(detail);

  connectedCallback() {
    addEventListener("online", this.#online);
    document.addEventListener("htmx:sendError", this.#failed);
    document.addEventListener("htmx:timeout", this.#failed);
    this.addEventListener("click", (event) => {
      if (event.target.closest("[data-offline-send]")) this.#replay();
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
    clearInterval(this.#timer);
  }

  async #keep({ elt, requestConfig }) {
    const form = elt.closest("form[data-offline]");
    if (!form || !requestConfig) return;
    const fields = plain(requestConfig.formData ?? requestConfig.parameters);
    const key = fields.idempotency_key || newKey();
    await this.#outbox.keep({ url: requestConfig.path, key, fields: { ...fields, idempotency_key: key }, label: fields.code ?? form.dataset.offline });
    await this.#paint();
  }

  async #send(entry) {
    const answer = await post(entry.url, entry.fields, { "Idempotency-Key": entry.key, "HX-Request": "true" });
    const said = answer.headers.get("HX-Trigger");
    return { status: answer.status, message: message(said) };
  }

  async #replay() {
    const { waiting } = await this.#outbox.counts();
    if (!waiting || !navigator.onLine) return;
    const { sent } = await this.#outbox.replay();
    if (sent) {
      announce("offline.sent", { n: sent }, { tone: "ok" });
      for (const node of document.querySelectorAll("[data-topic]")) node.dispatchEvent(new CustomEvent("refresh"));
    }
    await this.#paint();
  }

  async #paint() {
    const { waiting, refused } = await this.#outbox.counts();
    const total = waiting + refused.length;
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

function plain(parameters) {
  return Object.fromEntries(parameters instanceof FormData ? [...parameters].filter(([, value]) => typeof value === "string") : Object.entries(parameters));
}

function message(trigger) {
  if (!trigger?.startsWith("{")) return "";
  const said = JSON.parse(trigger);
  return said["scan-result"]?.text ?? said.toast?.text ?? "";
}
customElements.define("mes-offline", OfflineShelf);
