/**
 * The plant's time. The server says once a page what its clock shows and how fast it runs (a demo may run sixty times
 * as fast, and a phone's own clock may be wrong); from there the page counts by itself. Everything in milliseconds.
 */
import { plantClock } from "./texts.js";

/** @returns {(real?: number) => number} the plant's time at a real moment; without a server's word, the browser's own. */
export function counting(said, read) {
  const at = said ? Date.parse(said.now) : NaN;
  if (Number.isNaN(at)) return (real = Date.now()) => real;
  return (real = Date.now()) => at + (real - read) * said.speed;
}

/** When the page began to arrive: the server looked at its clock a moment before. */
function arrival() {
  const began = globalThis.performance?.getEntriesByType?.("navigation")[0]?.responseStart ?? 0;
  return Date.now() - (began ? performance.now() - began : 0);
}

let count = null;

/** The plant's time now. */
export function plantNow() {
  count ??= counting(plantClock(), arrival());
  return count();
}

/** How many plant seconds pass in a real one; 1 where nothing else was said. */
export function plantSpeed() {
  return plantClock()?.speed ?? 1;
}
