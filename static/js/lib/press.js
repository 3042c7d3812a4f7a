/**
 * A browser makes a click of a press and a release on the same element, so a part that is drawn anew between the two
 * loses the tap. While a finger or button is down on a part, the part waits; once it is up, the part is read again.
 */
const AFTER = 60; // ms: the click comes a little after the release

export class Press {
  #place = null;
  #late = false;

  /** @param {(place: Element) => void} refresh reads a part again */
  constructor(refresh) {
    this.refresh = refresh;
  }

  watch() {
    document.addEventListener("pointerdown", this.#down, true);
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, this.#up, true);
    document.addEventListener("htmx:beforeSwap", this.#swap);
  }

  leave() {
    document.removeEventListener("pointerdown", this.#down, true);
    for (const end of ["pointerup", "pointercancel"]) document.removeEventListener(end, this.#up, true);
    document.removeEventListener("htmx:beforeSwap", this.#swap);
  }

  /** Whether a part is pressed now; it is then read again after the release. */
  holds(place) {
    const held = this.#place === place;
    this.#late ||= held;
    return held;
  }

  #down = (event) => {
    this.#place = event.target.closest?.("[data-topic]") ?? null;
  };

  #up = () => {
    setTimeout(() => {
      const place = this.#place;
      const late = this.#late;
      this.#place = null;
      this.#late = false;
      if (late && place.isConnected) this.refresh(place);
    }, AFTER);
  };

  /** Only the part's own reading waits; the answer to a tap in it is drawn. */
  #swap = (event) => {
    if (event.detail.requestConfig?.elt === this.#place && this.holds(this.#place)) event.detail.shouldSwap = false;
  };
}
