import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "../../static/js/lib/backoff.js";
import { collect } from "../../static/js/lib/formvalues.js";
import { newKey } from "../../static/js/lib/keys.js";
import { counting } from "../../static/js/lib/planttime.js";
import { rank } from "../../static/js/lib/ranking.js";
import { renamed, rowCount } from "../../static/js/lib/rownames.js";
import { nextPaint, span } from "../../static/js/lib/spans.js";
import { fill } from "../../static/js/lib/texts.js";
import { concerns, freshness, Gate, union } from "../../static/js/lib/topics.js";
import { format, parse } from "../../static/js/lib/tsv.js";
import { step } from "../../static/js/lib/walk.js";

test("a length of time is said in its two largest units", () => {
  assert.deepEqual(span(49 * 60), { key: "span.minutes", n: 49, m: 0 });
  assert.deepEqual(span(-185 * 60), { key: "span.hours_minutes", n: 3, m: 5 });
  assert.deepEqual(span(7200), { key: "span.hours", n: 2, m: 0 });
  assert.deepEqual(span(90_000), { key: "span.days", n: 1, m: 0 });
  assert.equal(nextPaint(30), 1000);
  assert.equal(nextPaint(90_000), 60_000);
});

test("the plant's time counts from the server's word, at the server's speed", () => {
  const plant = counting({ now: "2026-11-24T08:00:00+00:00", speed: 60 }, 1000);
  assert.equal(new Date(plant(1000)).toISOString(), "2026-11-24T08:00:00.000Z");
  assert.equal(new Date(plant(61_000)).toISOString(), "2026-11-24T09:00:00.000Z");
  assert.equal(counting(null, 1000)(5000), 5000);
  assert.equal(nextPaint(3600, 60), 1000);
});

test("sentences keep a place nobody filled, so that it is seen", () => {
  assert.equal(fill("late {span} of {x}", { span: "12 min" }), "late 12 min of {x}");
});

test("waiting doubles, is capped, and is never all at the same moment", () => {
  assert.equal(delay(0, 0), 250);
  assert.equal(delay(0, 1), 500);
  assert.equal(delay(3, 1), 4000);
  assert.equal(delay(50, 1), 30_000);
  assert.ok(delay(50, 0) >= 15_000);
});

test("a burst of changes reads twice, not a hundred times, and the last one is not lost", () => {
  const waiting = [];
  const gate = new Gate(500, (run) => waiting.push(run));
  let reads = 0;
  for (let i = 0; i < 100; i += 1) gate.pass("board", () => (reads += 1), 1000 + i);
  assert.equal(reads, 1);
  assert.equal(waiting.length, 1);
  waiting[0]();
  assert.equal(reads, 2);
  gate.pass("other", () => (reads += 1), 1100);
  assert.equal(reads, 3);
});

test("topics are matched whole", () => {
  assert.ok(concerns("supply.calloff board:cover", "board:cover"));
  assert.ok(!concerns("supply.calloff:17", "supply.calloff"));
  assert.deepEqual(union(["b a", "a  c", ""]), ["a", "b", "c"]);
});

test("a page says it is stale when the line is silent, offline when there is none", () => {
  assert.equal(freshness({ open: true, age: 2000 }), "live");
  assert.equal(freshness({ open: true, age: 60_000 }), "stale");
  assert.equal(freshness({ open: false, age: 1000 }), "connecting");
  assert.equal(freshness({ open: false, age: 9000 }), "stale");
  assert.equal(freshness({ open: false, age: 9000, online: false }), "offline");
});

test("an Excel block is read with quotes, line breaks and empty cells", () => {
  assert.deepEqual(parse('a\tb\r\n"x\n""y"""\t\r\n'), [["a", "b"], ['x\n"y"', ""]]);
  assert.deepEqual(parse("1\t2"), [["1", "2"]]);
  assert.deepEqual(parse(format([["a\tb", 'q"'], ["", "c"]])), [["a\tb", 'q"'], ["", "c"]]);
});

test("arrow keys stay inside the board", () => {
  const size = { rows: 3, cols: 4 };
  assert.deepEqual(step({ row: 0, col: 0 }, "ArrowLeft", size), { row: 0, col: 0 });
  assert.deepEqual(step({ row: 1, col: 1 }, "ArrowDown", size), { row: 2, col: 1 });
  assert.deepEqual(step({ row: 1, col: 1 }, "ArrowRight", { ...size, ctrl: true }), { row: 1, col: 3 });
  assert.deepEqual(step({ row: 2, col: 3 }, "Home", { ...size, ctrl: true }), { row: 0, col: 0 });
  assert.equal(step({ row: 0, col: 0 }, "a", size), null);
});

test("the palette puts the best fit first", () => {
  const pages = ["Recall", "Board · call-off", "Call-offs", "Bills of material"];
  assert.deepEqual(rank(pages, "call", (page) => page), ["Call-offs", "Board · call-off", "Recall"]);
  assert.deepEqual(rank(pages, "bom", (page) => page), ["Bills of material"]);
  assert.deepEqual(rank(pages, "zzz", (page) => page), []);
});

test("form values: blanks are null, child rows lists in order, check boxes true or false", () => {
  const pairs = [["code", "X"], ["note", ""], ["lines-1-qty", "2"], ["lines-0-qty", "1.50"], ["urgent", "on"], ["other", false]];
  const kinds = { urgent: "boolean", other: "boolean" };
  assert.deepEqual(collect(pairs, kinds), { code: "X", note: null, lines: [{ qty: "1.50" }, { qty: "2" }], urgent: true, other: false });
});

test("child rows are numbered without gaps, and only their own table's", () => {
  assert.equal(renamed("lines-__index__-qty", "lines", 3), "lines-3-qty");
  assert.equal(renamed("f-lines-7-qty-error", "lines", 2), "f-lines-2-qty-error");
  assert.equal(renamed("airlines-7-qty", "lines", 2), "airlines-7-qty");
  assert.equal(rowCount([["lines-0-a", ""], ["lines-4-a", ""], ["x-9-a", ""]], "lines"), 5);
});

test("keys are never the same twice and look like a UUID", () => {
  const keys = new Set(Array.from({ length: 1000 }, newKey));
  assert.equal(keys.size, 1000);
  for (const key of keys) assert.match(key, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
