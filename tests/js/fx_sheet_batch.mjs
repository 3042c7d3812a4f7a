/** Reads [{data, raws}] from standard input, prints what the sheet says of each. */
import { readFileSync } from "node:fs";
import { register } from "node:module";

register("./decimal_hook.mjs", import.meta.url);
const { sheet } = await import("../../static/js/lib/fx_sheet.js");

const cases = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map(({ data, raws }) => sheet(data)(raws))));
