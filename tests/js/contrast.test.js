/** Every text on every ground it may stand on has a contrast of 4.5:1, every mark 3:1, in light and in dark. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const css = readFileSync(new URL("../../static/css/tokens.css", import.meta.url), "utf8");

function tokens(theme) {
  const start = css.indexOf(`[data-bs-theme="${theme}"] {\n  --ground`);
  assert.ok(start > 0, `no tokens for ${theme}`);
  const body = css.slice(start, css.indexOf("}", start));
  return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]));
}

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const part = parseInt(hex.slice(i, i + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [dark, bright] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (bright + 0.05) / (dark + 0.05);
}

const TEXT = [
  ...["ground", "surface", "surface-2", "surface-3"].flatMap((ground) => ["ink", "ink-2", "ink-3"].map((ink) => [ink, ground])),
  ...["ground", "surface", "surface-2"].flatMap((ground) => ["brand", "ok", "risk", "short", "frozen"].map((ink) => [ink, ground])),
  ["brand-strong", "brand-tint"], ["on-brand", "brand"], ["on-brand", "brand-strong"],
  ["ok", "ok-tint"], ["risk", "risk-tint"], ["short", "short-tint"], ["frozen", "frozen-tint"], ["ink", "frozen-tint"], ["ink", "flash"],
];
const MARKS = ["ok-mark", "risk-mark", "short-mark", "frozen-mark", "idle-mark", "line-strong"];

for (const theme of ["light", "dark"]) {
  test(`${theme}: words can be read and marks be seen`, () => {
    const color = tokens(theme);
    for (const [ink, ground] of TEXT) {
      const ratio = contrast(color[ink], color[ground]);
      assert.ok(ratio >= 4.5, `${ink} on ${ground} is ${ratio.toFixed(2)}`);
    }
    for (const mark of MARKS) {
      const ratio = contrast(color[mark], color.surface);
      assert.ok(ratio >= 3, `${mark} is ${ratio.toFixed(2)}`);
    }
  });
}
