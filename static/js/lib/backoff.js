/** When to try again: doubling from `base` to `most` ms, half of it by chance so that a thousand boards do not knock at once. */
export function delay(attempt, random = Math.random(), { base = 500, most = 30_000 } = {}) {
  const full = Math.min(most, base * 2 ** Math.min(attempt, 16));
  return Math.round(full / 2 + (full / 2) * random);
}
