import assert from "node:assert/strict";
import { test } from "node:test";
import { clean, shown, sum } from "../../static/js/lib/numbers.js";

test("numbers as people type them, full-width and grouped, become plain", () => {
  assert.equal(clean("１，２３４．５０"), "1234.50");
  assert.equal(clean(" 1 234.5 "), "1234.5");
  assert.equal(clean("\u22123"), "-3");
  for (const word of ["", "12a", "1.2.3", "-", null, undefined, "1e5"]) assert.equal(clean(word), null);
});

test("a sum is exact where floats are not, and skips blanks and words", () => {
  assert.equal(sum(["0.1", "0.2"]), "0.3");
  assert.equal(sum(["99999999999999.999999", "0.000001"]), "100000000000000");
  assert.equal(sum(["5", "", "abc", "-7.25"]), "-2.25");
  assert.equal(sum([]), "0");
});

test("numbers are shown as the server shows them", () => {
  assert.equal(shown("1234567.500"), "1,234,567.5");
  assert.equal(shown("-12"), "\u221212");
  assert.equal(shown("-0.00"), "0");
  assert.equal(shown("007"), "7");
  assert.equal(shown("x"), "–");
});
