/** Reads one JSON array of cases from standard input, prints the array of results. */
import { readFileSync } from "node:fs";
import { run } from "./fx_wire.mjs";

const cases = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map(run)));
