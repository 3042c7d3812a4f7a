/** Lets node find the vendor library that the page's import map names. */
import { existsSync } from "node:fs";

const here = new URL("../../", import.meta.url);

export async function resolve(specifier, context, next) {
  if (specifier !== "decimal.js") return next(specifier, context);
  for (const folder of ["frontend/node_modules/", "node_modules/"]) {
    const url = new URL(`${folder}decimal.js/decimal.mjs`, here);
    if (existsSync(url)) return { url: url.href, shortCircuit: true };
  }
  throw new Error("decimal.js is not installed: run python3 manage.py test once, it fetches the front-end parts");
}
