/** Reads [{fields, raws, around}] from standard input, prints what the form's rules say of each. */
import { readFileSync } from "node:fs";
import { register } from "node:module";

register("./decimal_hook.mjs", import.meta.url);
const { rulesOf, settle } = await import("../../static/js/lib/formrules.js");

const cases = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map(({ fields, raws, around }) => settle(rulesOf(fields), raws, around))));
