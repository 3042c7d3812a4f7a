/**
 * `<mes-scan><form hx-post="…"><div class="scan-box"><input name="code"></div></form></mes-scan>` takes codes from a hand
 * scanner anywhere on the page, from the camera, and from typing, and sends the form once for each.
 *
 * A command label `CMD:confirm` presses the button `data-scan-command="confirm"` instead, so no one must touch the screen.
 * Every send carries a fresh `idempotency_key`. The answer is shown in big colour from the response header
 * `HX-Trigger: {"scan-result": {"tone": "ok", "text": "…"}}`; the element sends `mes:scan` with {code, source}.
 */
import htmx from "htmx";
import { feel } from "../lib/feedback.js";
import { newKey } from "../lib/keys.js";
import { icon, place, text } from "../lib/texts.js";
import { Repeat, Wedge } from "../lib/wedge.js";

export class CodeScanner extends HTMLElement {
  #wedge = new Wedge();
  #repeat = new Repeat();
  #camera = null;
  #code = "";
  #result = ({ detail }) => this.#answer(detail);

  connectedCallback() {
    document.addEventListener("keydown", this.#key, { capture: true });
    document.addEventListener("scan-result", this.#result);
    this.addEventListener("submit", this.#typed, { capture: true });
    this.addEventListener("htmx:sendError", () => this.#unsent());
    this.addEventListener("htmx:timeout", () => this.#unsent());
    this.addEventListener("htmx:responseError", () => this.#show("short", text("scan.failed", { code: this.#code })));
    if (!this.querySelector(".scan-answer")) this.#furnish();
    this.#show("", text("scan.ready"));
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#key, { capture: true });
    document.removeEventListener("scan-result", this.#result);
    this.#stop();
  }

  get #form() {
    return this.querySelector("form");
  }

  get #input() {
    return this.querySelector("input[name=code]");
  }

  /** Send one code, wherever it comes from. */
  take(code, source) {
    const clean = code.trim();
    if (!clean || this.#command(clean)) return;
    if (source !== "typed" && this.#repeat.seen(clean, performance.now())) {
      return; // the trigger was held: the answer to the first reading must stay on the screen
    }
    this.#code = clean;
    feel("read");
    this.#show("busy", text("scan.read", { code: clean }));
    this.dispatchEvent(new CustomEvent("mes:scan", { bubbles: true, detail: { code: clean, source } }));
    if (this.#form) this.#send({ code: clean, source, idempotency_key: newKey() });
  }

  #command(code) {
    const name = /^(?:CMD[:\-_]|T1C\/[0-9A-Z]{4}\/)(\w+)$/i.exec(code)?.[1].toLowerCase();
    const button = name && document.querySelector(`[data-scan-command="${CSS.escape(name)}"]`);
    if (!button) return false;
    feel("read");
    button.click();
    return true;
  }

  /** Every scan is sent, in order, even while an earlier one is still on its way. */
  #send(values) {
    const form = this.#form;
    this.#input.value = "";
    const url = form.getAttribute("hx-post");
    if (url) {
      if (!form.hasAttribute("hx-sync")) form.setAttribute("hx-sync", "this:queue all");
      const target = form.getAttribute("hx-target") ?? form;
      const swap = form.getAttribute("hx-swap") ?? "innerHTML";
      // A failure has its own event, which says so on the page; the promise would only repeat it.
      htmx.ajax("POST", url, { source: form, target, swap, values }).catch(() => undefined);
      return;
    }
    for (const [name, value] of Object.entries(values)) this.#field(name).value = value;
    form.submit();
  }

  #field(name) {
    const there = this.#form.querySelector(`input[name=${name}]`);
    if (there) return there;
    const field = Object.assign(document.createElement("input"), { type: "hidden", name });
    this.#form.append(field);
    return field;
  }

  #typed = (event) => {
    if (event.target !== this.#form) return;
    event.preventDefault();
    event.stopPropagation();
    this.take(this.#input.value, "typed");
  };

  #key = (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const code = this.#wedge.feed(event.key, event.timeStamp);
    const field = event.target.closest?.("input, textarea");
    if (code === null) {
      // A code must not also trigger the page's one-letter keys.
      if (!field && this.#wedge.busy) event.stopPropagation();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (field && field !== this.#input && field.value.endsWith(code)) field.value = field.value.slice(0, -code.length);
    this.take(code, "scanner");
  };

  #answer({ tone = "ok", text: words = "" }) {
    feel(tone);
    this.#show(tone, words);
    this.#input?.focus({ preventScroll: true });
  }

  #unsent() {
    if (this.#form?.hasAttribute("data-offline")) this.#show("risk", text("scan.kept", { code: this.#code }));
    else this.#show("short", text("scan.failed", { code: this.#code }));
    feel("short");
  }

  #show(tone, words) {
    const answer = this.querySelector(".scan-answer");
    answer.className = `scan-answer ${tone && `is-${tone}`}`;
    answer.querySelector(".mark").className = `mark mark-${tone === "busy" || !tone ? "idle" : tone}`;
    answer.querySelector("span").textContent = words;
  }

  #furnish() {
    const answer = document.createElement("div");
    answer.className = "scan-answer";
    answer.setAttribute("role", "status");
    answer.setAttribute("aria-live", "assertive");
    answer.append(Object.assign(document.createElement("i"), { className: "mark" }), document.createElement("span"));
    this.append(answer);
    const box = this.querySelector(".scan-box");
    if (globalThis.isSecureContext && navigator.mediaDevices?.getUserMedia) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "btn" });
      button.append(icon("camera"), text("scan.camera"));
      button.addEventListener("click", () => (this.#camera ? this.#stop() : this.#start(button)));
      box?.append(button);
    } else if (box) {
      const note = Object.assign(document.createElement("p"), { className: "scan-note", textContent: text("scan.no_secure") });
      box.after(note);
    }
  }

  async #start(button) {
    const { BarcodeDetector, decoderAt } = await import("barcode");
    decoderAt(place("decoder"));
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
      const frame = Object.assign(document.createElement("div"), { className: "scan-camera" });
      const video = Object.assign(document.createElement("video"), { srcObject: stream, muted: true, playsInline: true });
      frame.append(video);
      this.append(frame);
      this.#camera = { stream, frame, button, timer: 0 };
      await video.play();
      button.replaceChildren(icon("x"), text("scan.camera_stop"));
      const detector = new BarcodeDetector({
        formats: ["qr_code", "data_matrix", "code_128", "code_39", "ean_13", "itf", "pdf417"],
      });
      this.#look(detector, video);
    } catch (error) {
      this.#stop();
      this.#show("short", text("scan.no_camera", { reason: error.message }));
    }
  }

  async #look(detector, video) {
    if (!this.#camera) return;
    if (video.readyState >= 2) {
      const found = await detector.detect(video);
      if (found.length && this.#camera) this.take(found[0].rawValue, "camera");
    }
    if (this.#camera) this.#camera.timer = setTimeout(() => this.#look(detector, video), 120);
  }

  #stop() {
    const camera = this.#camera;
    this.#camera = null;
    if (!camera) return;
    clearTimeout(camera.timer);
    for (const track of camera.stream.getTracks()) track.stop();
    camera.frame.remove();
    camera.button.replaceChildren(icon("camera"), text("scan.camera"));
  }
}
customElements.define("mes-scan", CodeScanner);
