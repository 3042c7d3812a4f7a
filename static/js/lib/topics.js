/** Which parts of a page a change concerns, and how fresh the page is. */

/** @param {string} wanted the element's `data-topic`: topics parted by spaces */
export function concerns(wanted, topic) {
  return wanted.split(/\s+/).includes(topic);
}

/** Every topic named by a list of `data-topic` values, each once, in a steady order. */
export function union(wanted) {
  return [...new Set(wanted.flatMap((each) => each.split(/\s+/)).filter(Boolean))].sort();
}

/** @returns {"live"|"stale"|"connecting"|"offline"} after `age` ms of silence */
export function freshness({ open, age, online = true, limit = 25_000 }) {
  if (!online) return "offline";
  if (open && age <= limit) return "live";
  return age > 5000 ? "stale" : "connecting";
}

/** Lets a burst of changes through as one: at once, then at most every `gap` ms, the last one never lost. */
export class Gate {
  #next = new Map();
  #waiting = new Map();

  constructor(gap, later = (run, wait) => setTimeout(run, wait)) {
    this.gap = gap;
    this.later = later;
  }

  pass(key, run, now = Date.now()) {
    if (this.#waiting.has(key)) return;
    const wait = (this.#next.get(key) ?? 0) - now;
    if (wait <= 0) {
      this.#next.set(key, now + this.gap);
      run();
      return;
    }
    this.#waiting.set(
      key,
      this.later(() => {
        this.#waiting.delete(key);
        this.#next.set(key, now + wait + this.gap);
        run();
      }, wait),
    );
  }
}
