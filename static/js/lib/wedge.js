/**
 * A hand scanner is a keyboard that types fast: characters at most `gap` ms apart, ended by Enter or Tab.
 * People are slower, so the same keys typed by hand stay in the field they were typed into.
 * A busy phone or a radio link stalls now and then in the middle of a code: a stall up to `stall` ms does not cut the
 * code in two, as long as most of its characters came fast.
 */
export class Wedge {
  #buffer = "";
  #quick = 0; // how many gaps between the characters of the buffer were fast
  #last = -Infinity;

  /** @param {{gap?: number, stall?: number, least?: number}} options ms, ms, least characters of a code */
  constructor({ gap = 50, stall = 400, least = 4 } = {}) {
    this.gap = gap;
    this.stall = stall;
    this.least = least;
  }

  /** Take one key at `time` (ms). @returns {string|null} the whole code at its end, else null */
  feed(key, time) {
    const passed = time - this.#last;
    this.#last = time;
    const joined = passed <= this.stall;
    const quick = passed <= this.gap ? 1 : 0;
    if (key === "Enter" || key === "Tab") {
      const code = this.#buffer;
      this.#quick += quick;
      const scanned = joined && code.length >= this.least && this.#quick >= code.length * MOSTLY;
      this.#empty();
      return scanned ? stripSymbology(code) : null;
    }
    if (key.length !== 1) {
      // GS1 separators arrive as a control key on some scanners; Shift and Alt come between letters
      if (key === "F8" || key === "\u001d") this.#buffer += joined ? "\u001d" : "";
      return null;
    }
    if (joined) this.#quick += quick;
    else this.#empty();
    this.#buffer += key;
    return null;
  }

  /** True while keys come too fast to be a person's: the page should not act on them one by one. */
  get busy() {
    return this.#quick >= 2 && this.#quick >= (this.#buffer.length - 1) * MOSTLY;
  }

  reset() {
    this.#empty();
    this.#last = -Infinity;
  }

  #empty() {
    this.#buffer = "";
    this.#quick = 0;
  }
}

/** Of the gaps between a code's characters this share has to be fast; fast typists stay far below. */
const MOSTLY = 0.6;

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
