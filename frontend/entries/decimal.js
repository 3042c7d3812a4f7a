/** Exact decimals: the same precision model as Python's `decimal`. */
export { Decimal, Decimal as default } from "decimal.js";
