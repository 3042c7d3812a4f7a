/** Lengths of time as people say them. Everything in seconds. */

/** @returns {{key: string, n: number, m: number}} the text key and its numbers: 185 min is 3 h 5 min. */
export function span(seconds) {
  const whole = Math.floor(Math.abs(seconds));
  if (whole < 60) return { key: "span.seconds", n: whole, m: 0 };
  if (whole < 3600) return { key: "span.minutes", n: Math.floor(whole / 60), m: 0 };
  if (whole < 86400) {
    const m = Math.floor((whole % 3600) / 60);
    return { key: m ? "span.hours_minutes" : "span.hours", n: Math.floor(whole / 3600), m };
  }
  return { key: "span.days", n: Math.floor(whole / 86400), m: 0 };
}

/** Milliseconds until the wording of `span` may change: seconds matter only in the last two minutes. */
export function nextPaint(seconds, speed = 1) {
  const whole = Math.abs(seconds);
  const pause = whole < 120 ? 1000 : whole < 7200 ? 10_000 : 60_000;
  return Math.max(1000, pause / Math.max(speed, 1));
}
