/**
 * `<mes-live url="/ws/">` keeps one socket for the whole page. The server only says that a topic changed; every element
 * with that `data-topic` then gets a `refresh` event, on which htmx reads it again. Shows how fresh the page is.
 */
import { delay } from "../lib/backoff.js";
import { Press } from "../lib/press.js";
import { span } from "../lib/spans.js";
import { text } from "../lib/texts.js";
import { concerns, freshness, Gate, union } from "../lib/topics.js";

const PING = 10_000;
const POLL = 30_000;

export class LiveLink extends HTMLElement {
  #socket = null;
  #attempt = 0;
  #heard = 0;
  #began = Date.now();
  #polled = Date.now();
  #asked = "";
  #timers = [];
  #gate = new Gate(500);
  #hidden = new Set();
  #press = new Press((place) => this.#refresh(place));
  #waking = () => this.#wake();
  #settled = () => this.#subscribe();
  #again = (event) => {
    if (event.target.closest?.("[data-live-retry]")) this.#connect();
  };

  connectedCallback() {
    this.#timers = [setInterval(() => this.#tick(), 1000), setInterval(() => this.#say({ ping: Date.now() }), PING)];
    document.addEventListener("visibilitychange", this.#waking);
    document.addEventListener("htmx:afterSettle", this.#settled);
    document.addEventListener("click", this.#again);
    this.#press.watch();
    addEventListener("online", this.#waking);
    addEventListener("offline", this.#waking);
    this.#connect();
  }

  disconnectedCallback() {
    for (const timer of this.#timers) clearTimeout(timer);
    document.removeEventListener("visibilitychange", this.#waking);
    document.removeEventListener("htmx:afterSettle", this.#settled);
    document.removeEventListener("click", this.#again);
    this.#press.leave();
    removeEventListener("online", this.#waking);
    removeEventListener("offline", this.#waking);
    this.#drop();
  }

  #address() {
    const url = this.getAttribute("url");
    if (/^wss?:/.test(url)) return url;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    return url.startsWith(":") ? `${scheme}//${location.hostname}${url}` : `${scheme}//${location.host}${url}`;
  }

  #connect() {
    this.#drop();
    const socket = new WebSocket(this.#address());
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#asked = "";
      this.#heard = Date.now();
      this.#subscribe();
      this.#say({ ping: Date.now() }); // an answer at once, or the page would look unconnected for ten seconds
      // What changed while the line was down is unknown: read everything again.
      if (this.#attempt > 0) this.#refreshAll();
      this.#attempt = 0;
    });
    socket.addEventListener("message", ({ data }) => {
      this.#heard = Date.now();
      const message = JSON.parse(data);
      if (message.t) this.#changed(message.t);
    });
    socket.addEventListener("close", ({ code }) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (code === 4401) return; // logged out: the next page will say so
      this.#timers[2] = setTimeout(() => this.#connect(), delay(this.#attempt));
      this.#attempt += 1;
    });
  }

  #drop() {
    clearTimeout(this.#timers[2]);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  get #open() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  #say(message) {
    if (this.#open) this.#socket.send(JSON.stringify(message));
  }

  #subscribe() {
    const topics = union([...document.querySelectorAll("[data-topic]")].map((node) => node.dataset.topic));
    const wanted = topics.join(" ");
    if (!this.#open || wanted === this.#asked) return;
    this.#asked = wanted;
    this.#say({ topics });
  }

  #changed(topic) {
    document.dispatchEvent(new CustomEvent("mes:changed", { detail: { topic } }));
    for (const node of document.querySelectorAll("[data-topic]")) {
      if (concerns(node.dataset.topic, topic)) this.#refresh(node);
    }
  }

  #refreshAll() {
    this.#polled = Date.now();
    for (const node of document.querySelectorAll("[data-topic]")) this.#refresh(node);
  }

  #refresh(node) {
    if (document.hidden) {
      this.#hidden.add(node.id || node.dataset.topic);
      return;
    }
    // The key is the place, not the node: htmx puts a new node there each time.
    this.#gate.pass(node.id || node.dataset.topic, () => {
      const place = node.isConnected ? node : document.getElementById(node.id);
      if (!place || this.#press.holds(place)) return;
      // A part that is answering a tap drops the refresh (hx-sync): it is asked again.
      if (!asked(place) && place.hasAttribute("hx-sync")) setTimeout(() => this.#refresh(place), 0);
    });
  }

  #wake() {
    if (!document.hidden && this.#hidden.size) {
      this.#hidden.clear();
      this.#refreshAll();
    }
    if (navigator.onLine && !this.#socket) this.#connect();
    this.#tick();
  }

  #tick() {
    const now = Date.now();
    const age = now - (this.#heard || this.#began);
    const state = freshness({ open: this.#open, age, online: navigator.onLine });
    if (this.#open && age > 25_000) this.#connect();
    if (state !== "live" && navigator.onLine && now - this.#polled > POLL) this.#refreshAll();
    const { key, n, m } = span(age / 1000);
    const words = text(`live.${state}`, { span: text(key, { n, m }) });
    const place = this.querySelector(".live-text") ?? this;
    if (place.textContent !== words) place.textContent = words;
    this.title = words;
    if (this.getAttribute("state") === state) return;
    this.setAttribute("state", state);
    for (const strip of document.querySelectorAll("[data-strip]")) strip.hidden = strip.dataset.strip !== state;
  }
}

/** Have a part read again; returns whether htmx really asks. */
function asked(place) {
  let begun = false;
  const note = (event) => (begun ||= event.target === place);
  place.addEventListener("htmx:beforeRequest", note);
  place.dispatchEvent(new CustomEvent("refresh", { bubbles: false }));
  place.removeEventListener("htmx:beforeRequest", note);
  return begun;
}

customElements.define("mes-live", LiveLink);
