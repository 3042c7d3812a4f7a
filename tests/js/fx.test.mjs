/** The browser's formulas: the shared case corpus, and what only the browser does (reading inputs, showing results). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fx, run } from "./fx_wire.mjs";

const corpus = JSON.parse(readFileSync(new URL("../data/fx_cases.json", import.meta.url), "utf8"));

for (const { src, ast, values, result } of corpus.cases) {
  test(`${src} with ${JSON.stringify(values)}`, () => {
    const { now, zone, user } = corpus;
    assert.deepEqual(run({ ast, values, now, zone, user }), result);
  });
}

test("what stands in inputs is read by the kind of the field", () => {
  assert.equal(fx.shown(fx.coerce("number", " １２.50 ")), "12.5");
  assert.equal(fx.coerce("number", "1,234"), null);
  assert.equal(fx.coerce("number", ""), null);
  assert.equal(fx.shown(fx.coerce("number", { value: "7.0", unit: "PCE" })), "7");
  assert.equal(fx.shown(fx.coerce("date", "2026-02-28")), "2026-02-28");
  assert.equal(fx.coerce("date", "2026-02-30"), null);
  assert.equal(fx.coerce("boolean", "on"), true);
  assert.deepEqual(fx.coerce("list:number", ["1", ""]).map((item) => item && fx.shown(item)), ["1", null]);
});

test("a wall time is read in the plant's zone, the first if it happens twice, never one that does not exist", () => {
  const at = (words, zone) => fx.coerce("datetime", words, zone)?.toString() ?? null;
  assert.equal(at("2026-11-24T08:30", "Asia/Shanghai"), "2026-11-24T00:30:00.000Z");
  assert.equal(at("2026-11-24T08:30+01:00", "Asia/Shanghai"), "2026-11-24T07:30:00.000Z");
  assert.equal(at("2026-10-25T02:30", "Europe/Berlin"), "2026-10-25T00:30:00.000Z");
  assert.equal(at("2026-03-29T02:30", "Europe/Berlin"), null);
});

test("a forged tree does not reach anything of the page", () => {
  for (const tree of [["call", "constructor", ["str", "x"]], ["call", "__proto__"], ["eval", "1"], ["call", "toString"]]) {
    assert.throws(() => fx.compile(tree), TypeError);
  }
  assert.equal(run({ ast: ["field", "constructor"], values: {} }), null);
});

test("a condition that is empty or an error holds neither way", () => {
  const holds = (ast) => fx.holds(fx.compile(ast), { values: {}, now: 0, zone: "UTC", user: "" });
  assert.equal(holds(["bool", true]), true);
  assert.equal(holds(["null"]), null);
  assert.equal(holds(["op", "/", ["num", "1"], ["num", "0"]]), null);
});
