/** Functions over days and moments, as `kernel/expressions/dates.py`; hours and weeks are those of the plant's zone. */
import Decimal from "decimal.js";
import {
  Day, Moment, Num, Wide, bounded, dayMade, dayOf, daysOf, localParts, momentMade, numError, valueError, whole,
} from "./fx_values.js";

const UNIT_MS = { d: 86_400_000, w: 604_800_000, h: 3_600_000, min: 60_000, s: 1_000 };
const FIRST_MONTH = 1900 * 12;
const LAST_MONTH = 3000 * 12;

function date(env, year, month, day) {
  const months = whole(year) * 12 + whole(month) - 1;
  if (months < FIRST_MONTH || months >= LAST_MONTH) throw numError();
  const first = daysOf(Math.floor(months / 12), (months % 12) + 1, 1);
  return dayMade(first + whole(day) - 1);
}

function datedif(env, start, end, unit) {
  const [a, b] = [dayOf(start, env), dayOf(end, env)];
  if (b.days < a.days) throw numError();
  const [from, to] = [a.parts, b.parts];
  const months = (to.year - from.year) * 12 + to.month - from.month - (to.day < from.day ? 1 : 0);
  switch (unit.toLowerCase()) {
    case "d":
      return new Num(b.days - a.days);
    case "m":
      return new Num(months);
    case "y":
      return new Num(Math.floor(months / 12));
    default:
      throw valueError();
  }
}

/** Move by calendar months; a day the month does not have becomes its last one. */
function monthsMoved(start, count) {
  const isMoment = start instanceof Moment;
  const days = isMoment ? Math.floor(start.ms / UNIT_MS.d) : start.days;
  const { year, month, day } = new Day(days).parts;
  const months = year * 12 + month - 1 + count;
  if (months < FIRST_MONTH || months >= LAST_MONTH) throw numError();
  const [newYear, newMonth] = [Math.floor(months / 12), (months % 12) + 1];
  const longest = daysOf(newYear, newMonth + 1, 1) - daysOf(newYear, newMonth, 1);
  const moved = daysOf(newYear, newMonth, Math.min(day, longest));
  return isMoment ? new Moment(moved * UNIT_MS.d + (start.ms - days * UNIT_MS.d)) : new Day(moved);
}

function datedelta(env, start, amount, unit = "d") {
  const key = unit.toLowerCase();
  if (key === "m" || key === "y") return monthsMoved(start, whole(amount) * (key === "y" ? 12 : 1));
  if (start instanceof Moment) {
    if (!Object.hasOwn(UNIT_MS, key)) throw valueError();
    const ms = new Wide(amount).times(UNIT_MS[key]).toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN);
    return momentMade(start.ms + bounded(ms));
  }
  if (key !== "d" && key !== "w") throw valueError();
  return dayMade(start.days + whole(amount) * (key === "w" ? 7 : 1));
}

/** Monday 1 to Sunday 7; 1970-01-01 was a Thursday. */
const isoWeekday = (days) => ((((days + 3) % 7) + 7) % 7) + 1;

function weeknum(env, value, begins = new Num(1)) {
  if (!begins.eq(1) && !begins.eq(2)) throw numError();
  const that = dayOf(value, env);
  const first = daysOf(that.parts.year, 1, 1);
  const weekday = isoWeekday(first);
  const offset = begins.eq(1) ? weekday % 7 : weekday - 1;
  return new Num(Math.floor((that.days - first + offset) / 7) + 1);
}

function isoweeknum(env, value) {
  const { days } = dayOf(value, env);
  const thursday = days - isoWeekday(days) + 4;
  return new Num(Math.floor((thursday - daysOf(new Day(thursday).parts.year, 1, 1)) / 7) + 1);
}

const clockPart = (part) => (env, value) => new Num(value instanceof Moment ? localParts(value, env.zone)[part] : 0);
const dayPart = (part) => (env, value) => new Num(dayOf(value, env).parts[part]);

export const DATES = {
  DATE: ["nnn", date],
  DATEDIF: ["dds", datedif],
  DATEDELTA: ["dns", datedelta],
  YEAR: ["d", dayPart("year")],
  MONTH: ["d", dayPart("month")],
  DAY: ["d", dayPart("day")],
  HOUR: ["d", clockPart("hour")],
  MINUTE: ["d", clockPart("minute")],
  WEEKDAY: ["d", (env, value) => new Num(isoWeekday(dayOf(value, env).days))],
  WEEKNUM: ["dn", weeknum],
  ISOWEEKNUM: ["d", isoweeknum],
  NOW: ["", (env) => new Moment(env.now)],
  TODAY: ["", (env) => dayOf(new Moment(env.now), env)],
  USER: ["", (env) => env.user],
};
