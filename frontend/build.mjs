/**
 * Builds static/dist: vendor bundles with a content hash in the name, their licences, the base style sheet, the icon
 * sprite, the barcode decoder and the web font that `ttf.py` turns into one the PDF writer can embed.
 *
 * Writes manifest.json last ({"htmx": "htmx-ABCD.js", "tabler.css": …}): a build without it did not finish.
 */
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "..", "static", "dist");
const require = createRequire(import.meta.url);
const manifest = {};

/** Store `body` as `stem-HASH.ext` and note it in the manifest as `stem.ext`. */
async function put(name, body) {
  const [stem, ext] = [name.slice(0, name.lastIndexOf(".")), name.slice(name.lastIndexOf("."))];
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 10);
  manifest[name] = `${stem}-${hash}${ext}`;
  await writeFile(join(dist, manifest[name]), body);
}

/** One `<symbol>` per name in icons.txt, taken from the outline set. */
async function sprite() {
  const names = (await readFile(join(here, "icons.txt"), "utf8")).split(/\s+/).filter(Boolean);
  const symbols = await Promise.all(
    names.map(async (name) => {
      const svg = await readFile(require.resolve(`@tabler/icons/outline/${name}.svg`), "utf8");
      const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
      return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, "")}</symbol>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${symbols.join("")}</svg>\n`;
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });

const entries = (await readdir(join(here, "entries"))).filter((name) => name.endsWith(".js"));
const result = await build({
  entryPoints: entries.map((name) => join(here, "entries", name)),
  outdir: dist,
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  target: "es2022",
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
});
for (const [path, output] of Object.entries(result.metafile.outputs)) {
  if (output.entryPoint) manifest[output.entryPoint.split("/").pop().replace(/\.js$/, "")] = path.split("/").pop();
}

await put("tabler.css", await readFile(require.resolve("@tabler/core/dist/css/tabler.min.css")));
await put("icons.svg", await sprite());
// The decoder must be the very one barcode-detector was built with, so it is looked up from there.
const fromDetector = createRequire(require.resolve("barcode-detector"));
await put("zxing.wasm", await readFile(fromDetector.resolve("zxing-wasm/reader/zxing_reader.wasm")));
const font = require.resolve("@fontsource/noto-sans-sc/files/noto-sans-sc-chinese-simplified-400-normal.woff2");
await cp(font, join(dist, "NotoSansSC-Regular.woff2"));

const licences = {};
const { packages } = JSON.parse(await readFile(join(here, "package-lock.json"), "utf8"));
for (const [path, entry] of Object.entries(packages)) {
  if (path && !entry.dev) licences[path.replace(/^.*node_modules\//, "")] = `${entry.version} ${entry.license ?? "see package"}`;
}
await writeFile(join(dist, "LICENSES.json"), JSON.stringify(licences, null, 1) + "\n");
await writeFile(join(dist, "manifest.json"), JSON.stringify(manifest, null, 1) + "\n");
