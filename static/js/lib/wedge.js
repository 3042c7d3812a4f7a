/**
 * A hand scanner is a keyboard that types fast: characters at most `gap` ms apart, ended by Enter or Tab.
 * People are slower, so the same keys typed by hand stay in the field they were typed into.
 */
export class Wedge {
  #buffer = "";
  #last = -Infinity;

  /** @param {{gap?: number, least?: number}} options gap in ms between two keys; least characters of a code */
  constructor({ gap = 50, least = 4 } = {}) {
    this.gap = gap;
    this.least = least;
  }

  /** Take one key at `time` (ms). @returns {string|null} the whole code at its end, else null */
  feed(key, time) {
    const quick = time - this.#last <= this.gap;
    this.#last = time;
    if (key === "Enter" || key === "Tab") {
      const code = this.#buffer;
      this.#buffer = "";
      return quick && code.length >= this.least ? stripSymbology(code) : null;
    }
    if (key.length !== 1) {
      // GS1 separators arrive as a control key on some scanners; Shift and Alt come between letters
      if (key === "F8" || key === "\u001d") this.#buffer += quick ? "\u001d" : "";
      return null;
    }
    this.#buffer = quick ? this.#buffer + key : key;
    return null;
  }

  /** True while keys come too fast to be a person's: the page should not act on them one by one. */
  get busy() {
    return this.#buffer.length >= 3;
  }

  reset() {
    this.#buffer = "";
    this.#last = -Infinity;
  }
}

/** Drop the AIM prefix that tells the kind of symbol (]C1 GS1-128, ]d2 GS1 DataMatrix, ]Q3 GS1 QR …). */
export function stripSymbology(code) {
  return code.replace(/^\][A-Za-z][0-9A-Za-z]/, "").replace(/^\u001d/, "").trim();
}

/** Says whether the same code came again within `within` ms: a trigger held too long, not a second box. */
export class Repeat {
  #code = "";
  #time = -Infinity;

  constructor(within = 1500) {
    this.within = within;
  }

  seen(code, time) {
    const again = code === this.#code && time - this.#time < this.within;
    this.#code = code;
    this.#time = time;
    return again;
  }
}
