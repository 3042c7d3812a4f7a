/** A form's formulas while typing: computed fields, child rows and their sums, visibility and required marks. */
import assert from "node:assert/strict";
import { register } from "node:module";
import { test } from "node:test";

register("./decimal_hook.mjs", import.meta.url);
const { rulesOf, settle } = await import("../../static/js/lib/formrules.js");

const field = (name) => ["field", name];
const call = (name, ...parts) => ["call", name, ...parts];

const RULES = rulesOf([
  { name: "price", type: "decimal" },
  { name: "urgent", type: "boolean" },
  { name: "reason", type: "text", visible: field("urgent"), required: field("urgent") },
  { name: "lines.qty", type: "quantity" },
  { name: "lines.amount", type: "formula", formula: ["op", "*", field("qty"), field("price")] },
  { name: "total", type: "formula", formula: call("SUM", field("lines.amount")) },
  { name: "broken", type: "formula", formula: ["op", "/", field("price"), ["num", "0"]] },
]);

const raw = { price: "0.1", urgent: true, lines: [{ qty: "3" }, { qty: "" }, { qty: "1e" }, { qty: "7" }] };

test("a row's formula reads its row and the sheet, and the sum is exact", () => {
  const { computed } = settle(RULES, raw);
  assert.equal(computed["lines-0-amount"], "0.3");
  assert.equal(computed["lines-1-amount"], "");
  assert.equal(computed.total, "1");
});

test("an error is shown by its code and blocks nothing else", () => {
  assert.equal(settle(RULES, raw).computed.broken, "#DIV/0!");
});

test("what is hidden is never required", () => {
  assert.deepEqual(settle(RULES, raw).required, { reason: true });
  assert.deepEqual(settle(RULES, { ...raw, urgent: false }), {
    ...settle(RULES, { ...raw, urgent: false }),
    visible: { reason: false },
    required: { reason: false },
  });
});

test("no rows is an empty sum, not a failure", () => {
  assert.equal(settle(RULES, { price: "2" }).computed.total, "0");
});

test("two formulas that read each other end", () => {
  const circle = rulesOf([
    { name: "a", type: "formula", formula: ["op", "+", field("b"), ["num", "1"]] },
    { name: "b", type: "formula", formula: ["op", "+", field("a"), ["num", "1"]] },
  ]);
  assert.ok("a" in settle(circle, {}).computed);
});
