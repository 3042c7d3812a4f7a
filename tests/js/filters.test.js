import assert from "node:assert/strict";
import { test } from "node:test";
import { add, at, count, put, read, remove, write } from "../../static/js/lib/filters.js";

test("what stands in the address is read, and nonsense is no filter", () => {
  assert.deepEqual(read('["and",["eq","state","OPEN"]]'), ["and", ["eq", "state", "OPEN"]]);
  assert.deepEqual(read('["eq","state","OPEN"]'), ["and", ["eq", "state", "OPEN"]]);
  for (const broken of ["", null, "{", "5", '"x"']) assert.deepEqual(read(broken), ["and"]);
});

test("unfinished conditions and empty groups do not reach the server", () => {
  const tree = ["and", ["eq", "state", ""], ["or", ["between", "due", ["2026-01-01", ""]]], ["ge", "quantity", "5"]];
  assert.equal(write(tree), '["and",["ge","quantity","5"]]');
  assert.equal(write(["and", ["or"]]), "");
  assert.equal(write(["and", ["empty", "note", ""]]), '["and",["empty","note",true]]');
});

test("groups nest, and a change deep inside leaves the rest and the original alone", () => {
  const tree = ["and", ["eq", "a", "1"], ["or", ["eq", "b", "2"]]];
  const grown = add(tree, [1], ["eq", "c", "3"]);
  assert.deepEqual(at(grown, [1]), ["or", ["eq", "b", "2"], ["eq", "c", "3"]]);
  assert.deepEqual(tree[2], ["or", ["eq", "b", "2"]]);
  assert.deepEqual(remove(grown, [1, 0]), ["and", ["eq", "a", "1"], ["or", ["eq", "c", "3"]]]);
  assert.deepEqual(put(tree, [0], ["ne", "a", "1"])[1], ["ne", "a", "1"]);
  assert.equal(count(grown), 3);
});

test("writing and reading is a round trip", () => {
  const tree = ["or", ["contains", "name", '"支架" & co'], ["and", ["in", "state", ["A", "B"]], ["not_empty", "due", true]]];
  assert.deepEqual(read(write(tree)), tree);
});
