/**
 * `<mes-wall seconds="20"><section>…</section><section>…</section></mes-wall>`: a board on a wall shows its sections in
 * turn, keeps the screen awake, and goes full screen on a click of `[data-wall-full]`. One section simply stays.
 */
export class WallBoard extends HTMLElement {
  #timer = 0;
  #lock = null;
  #waking = () => {
    if (!document.hidden) this.#stayAwake();
  };

  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (event.target.closest("[data-wall-full]")) document.documentElement.requestFullscreen?.();
    });
    document.addEventListener("visibilitychange", this.#waking);
    this.#stayAwake();
    const pages = [...this.querySelectorAll(":scope > section")];
    if (pages.length < 2) return;
    this.#turn(pages, 0);
    const seconds = Number(this.getAttribute("seconds") ?? 20);
    let now = 0;
    this.#timer = setInterval(() => {
      now = (now + 1) % pages.length;
      this.#turn(pages, now);
    }, seconds * 1000);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    document.removeEventListener("visibilitychange", this.#waking);
    this.#lock?.release();
  }

  #turn(pages, now) {
    pages.forEach((page, at) => (page.hidden = at !== now));
  }

  async #stayAwake() {
    try {
      this.#lock = await navigator.wakeLock?.request("screen");
    } catch {
      this.#lock = null; // battery saving refuses it; the board still works
    }
  }
}
customElements.define("mes-wall", WallBoard);
