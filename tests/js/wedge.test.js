import assert from "node:assert/strict";
import { test } from "node:test";
import { Repeat, stripSymbology, Wedge } from "../../static/js/lib/wedge.js";

function type(wedge, keys, gap, from = 0) {
  let time = from;
  let code = null;
  for (const key of keys) {
    time += gap;
    code = wedge.feed(key, time) ?? code;
  }
  return code;
}

test("a scanner's burst ended by Enter is one code", () => {
  assert.equal(type(new Wedge(), [..."ASN-2231", "Enter"], 12), "ASN-2231");
});

test("Tab ends a code too, and letters typed before it do not belong to it", () => {
  const wedge = new Wedge();
  type(wedge, ["q", "w"], 300);
  assert.equal(type(wedge, [..."00340123", "Tab"], 8, 5000), "00340123");
});

test("a person typing is no scanner", () => {
  assert.equal(type(new Wedge(), [..."ASN-2231", "Enter"], 120), null);
});

test("a burst without its end waits, and a late Enter does not complete it", () => {
  const wedge = new Wedge();
  assert.equal(type(wedge, [..."ASN-2231"], 10), null);
  assert.ok(wedge.busy);
  assert.equal(wedge.feed("Enter", 5000), null);
});

test("a stall in the middle does not cut a code in two", () => {
  const wedge = new Wedge();
  assert.equal(type(wedge, [..."ASN0"], 8), null);
  assert.equal(type(wedge, [..."000004", "Enter"], 8, 300), "ASN0000004");
  assert.equal(wedge.feed("A", 600), null);
  assert.equal(type(wedge, [..."SN0000005", "Enter"], 8, 900), "ASN0000005");
});

test("a fast typist with a few rolled keys is still no scanner", () => {
  const wedge = new Wedge();
  let time = 0;
  let code = null;
  for (const [index, key] of [..."ASN0000004", "Enter"].entries()) {
    time += index % 3 ? 110 : 40;
    code = wedge.feed(key, time) ?? code;
  }
  assert.equal(code, null);
  assert.equal(wedge.busy, false);
});

test("short bursts such as a double key are left alone", () => {
  assert.equal(type(new Wedge(), ["o", "k", "Enter"], 10), null);
});

test("Shift between letters does not break a code", () => {
  assert.equal(type(new Wedge(), ["Shift", "A", "Shift", "B", "1", "2", "Enter"], 6), "AB12");
});

test("the symbol's prefix is dropped, the content kept", () => {
  assert.equal(stripSymbology("]C1003401234500000000"), "003401234500000000");
  assert.equal(stripSymbology("]d2010695111\u001d10LOT"), "010695111\u001d10LOT");
  assert.equal(stripSymbology("]x"), "]x");
});

test("the same box held under the scanner counts once, later it counts again", () => {
  const repeat = new Repeat(1500);
  assert.equal(repeat.seen("A", 0), false);
  assert.equal(repeat.seen("A", 900), true);
  assert.equal(repeat.seen("B", 1000), false);
  assert.equal(repeat.seen("A", 1100), false);
  assert.equal(repeat.seen("A", 9000), false);
});
