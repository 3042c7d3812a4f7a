"""Random formulas and values for comparing the three back ends; the same seed gives the same formulas."""

import datetime as dt
import random
from decimal import Decimal

TYPES = {
    **dict.fromkeys(("n1", "n2", "n3"), "number"),
    **dict.fromkeys(("t1", "t2"), "text"),
    **dict.fromkeys(("b1", "b2"), "boolean"),
    **dict.fromkeys(("d1", "d2"), "date"),
    **dict.fromkeys(("m1", "m2"), "datetime"),
    **{"r.n": "list:number", "r.k": "list:number", "r.t": "list:text", "r.d": "list:date"},
}
WORDS = [
    *("", "a", "A", "ab c", "  x  y ", "螺栓M8", "10", "2.50", "-3", "5%", "👍🏽x", "é", "ß", "\ufb01", "Ω"),
    *("\ue000", "𠮷", ">5", "<>a", "a,b,,c", "2026-11-24", "TRUE", "x" * 40, "0012", "1e5", " 7 "),
]
FIRST = dt.date(1995, 1, 1)


def number(rng):
    kind = rng.random()
    if kind < 0.35:
        return Decimal(rng.randint(-20, 20))
    if kind < 0.7:
        return Decimal(rng.randint(-(10**6), 10**6)).scaleb(-rng.randint(0, 6))
    if kind < 0.9:
        return Decimal(rng.randint(-(10**18), 10**18)).scaleb(-6)
    return Decimal(rng.choice(["0", "0.5", "-0.5", "2.5", "0.000001", "999999999999.999999", "100", "1"]))


def small_number(rng):
    """A number whose products stay within 34 figures: beyond that only PostgreSQL goes on counting."""
    return Decimal(rng.randint(-(10**5), 10**5)).scaleb(-rng.randint(0, 3))


def day(rng):
    return FIRST + dt.timedelta(days=rng.randint(0, 20000))


def moment(rng):
    ms = rng.randint(0, 1_700_000_000_000)
    return dt.datetime(1990, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=ms)


MAKE = {
    "number": number,
    "text": lambda rng: rng.choice(WORDS),
    "boolean": lambda rng: rng.random() < 0.5,
    "date": day,
    "datetime": moment,
}


def values(rng, empty=0.15):
    """Values for every field of TYPES; sub-table columns have the same length."""
    rows = rng.randint(0, 4)
    found = {}
    for name, kind in TYPES.items():
        if kind.startswith("list:"):
            found[name] = [None if rng.random() < empty else MAKE[kind[5:]](rng) for _ in range(rows)]
        else:
            found[name] = None if rng.random() < empty else MAKE[kind](rng)
    return found


def quoted(words):
    return '"' + words.replace('"', '""') + '"'


class Formulas:
    """Grows random source text of a wanted kind.

    `mistakes` is the share of places of a wrong kind; `sql` keeps to what PostgreSQL gets.
    """

    def __init__(self, rng, *, mistakes=0.03, sql=False):
        self.rng, self.mistakes, self.sql = rng, mistakes, sql

    def make(self, kind, depth=4):
        rng = self.rng
        if rng.random() < self.mistakes:
            kind = rng.choice(["number", "text", "boolean", "date", "datetime", "list"])
        if kind == "list":
            return self.some_list(depth)
        if depth <= 0 or rng.random() < 0.15:
            return self.leaf(kind)
        return getattr(self, kind)(depth - 1)

    def leaf(self, kind):
        rng = self.rng
        names = [f"{{{name}}}" for name, found in TYPES.items() if found == kind]
        if rng.random() < 0.65 or kind == "datetime":
            return rng.choice(names)
        if rng.random() < 0.05:
            return "NULL"
        if kind == "number":
            literal = small_number(rng) if self.sql else number(rng)
            return f"({literal:f})" if literal < 0 else f"{literal:f}"
        if kind == "text":
            return quoted(rng.choice(WORDS))
        if kind == "boolean":
            return rng.choice(["TRUE", "FALSE"])
        found = day(rng)
        return f"DATE({found.year},{found.month},{found.day})"

    def pick(self, *options):
        return self.rng.choice(options)()

    def common(self, kind, depth):
        m = self.make
        return [
            lambda: f"IF({m('boolean', depth)}, {m(kind, depth)}, {m(kind, depth)})",
            lambda: f"IFS({m('boolean', depth)}, {m(kind, depth)}, TRUE, {m(kind, depth)})",
            lambda: f"SWITCH({m('text', depth)}, {m('text', depth)}, {m(kind, depth)}, {m(kind, depth)})",
            lambda: f"IFERROR({m(kind, depth)}, {m(kind, depth)})",
        ]

    def some_list(self, depth):
        if depth > 0 and self.rng.random() < 0.1:
            return f"SPLIT({self.make('text', depth - 1)}, {quoted(self.rng.choice([',', ' ', 'a']))})"
        return self.rng.choice(["{r.n}", "{r.n}", "{r.k}", "{r.t}", "{r.d}"])

    def one_of(self, *words):
        return quoted(self.rng.choice(words))

    def small(self):
        return str(self.rng.randint(0, 6))

    def number(self, depth):
        m = self.make
        options = [
            *self.common("number", depth),
            lambda: f"({m('number', depth)} + {m('number', depth)})",
            lambda: f"({m('number', depth)} - {m('number', depth)} + {m('number', depth)})",
            lambda: f"{m('number', depth)} * {self.leaf('number')}",
            lambda: f"-{m('number', depth)}" if self.sql else f"-({m('number', depth)})",
            lambda: f"ROUND({m('number', depth)}, {self.small()})",
            lambda: f"INT({m('number', depth)})",
            lambda: f"ABS({m('number', depth)})",
            lambda: f"MOD({m('number', depth)}, {self.rng.choice(['2', '0.7', '50', '12'])})",
            lambda: f"CEILING({m('number', depth)}, {self.rng.choice(['1', '0.25', '50', '12'])})",
            lambda: f"FLOOR({m('number', depth)}, {self.rng.choice(['1', '0.25', '50', '12'])})",
            lambda: f"SUM({m('number', depth)}, {m('number', depth)})",
            lambda: f"MAX({m('number', depth)}, {m('number', depth)})",
            lambda: f"MIN({m('number', depth)}, {m('number', depth)})",
            lambda: f"COUNT({m('number', depth)}, {m('text', depth)})",
            lambda: f"LEN({m('text', depth)})",
            lambda: f"YEAR({m('date', depth)})",
            lambda: f"MONTH({m('datetime', depth)})",
            lambda: f"DAY({m('date', depth)})",
            lambda: f"ISOWEEKNUM({m('date', depth)})",
            lambda: f"WEEKDAY({m('datetime', depth)})",
            lambda: f"DAYS({m('date', depth)}, {m('datetime', depth)})",
            lambda: f"({m('date', depth)} - {m('date', depth)})",
        ]
        if not self.sql:
            options += [
                lambda: f"({m('number', depth)} / {m('number', depth)})",
                lambda: f"({m('number', depth)} ^ {self.small()})",
                lambda: f"{m('number', depth)}%",
                lambda: f"ROUNDUP({m('number', depth)}, {self.small()})",
                lambda: f"ROUNDDOWN({m('number', depth)}, -{self.small()})",
                lambda: f"MOD({m('number', depth)}, {m('number', depth)})",
                lambda: f"CEILING({m('number', depth)}, {m('number', depth)})",
                lambda: f"AVERAGE({m('list', depth)}, {m('number', depth)})",
                lambda: f"SUM({m('list', depth)})",
                lambda: f"MAX({m('list', depth)})",
                lambda: f"COUNT({m('list', depth)})",
                lambda: (
                    f"COUNTIF({m('list', depth)}, {quoted(self.rng.choice(['>5', '<>a', '=10', '<0', 'a']))})"
                ),
                lambda: f"SUMIF({{r.t}}, {m('text', depth)}, {{r.n}})",
                lambda: "SUMPRODUCT({r.n}, {r.k})",
                lambda: f"VALUE({m('text', depth)})",
                lambda: f"SEARCH({m('text', 0)}, {m('text', depth)})",
                lambda: f"HOUR({m('datetime', depth)})",
                lambda: f"MINUTE({m('datetime', depth)})",
                lambda: f"WEEKNUM({m('date', depth)}, {self.rng.choice('12')})",
                lambda: f"DATEDIF({m('date', depth)}, {m('date', depth)}, {self.one_of(*'dmyx')})",
                lambda: f"({m('datetime', depth)} - {m('datetime', depth)})",
            ]
        return self.pick(*options)

    def text(self, depth):
        m = self.make
        options = [
            *self.common("text", depth),
            lambda: f"({m('text', depth)} & {m('number', depth)} & {m('boolean', depth)})",
            lambda: f"CONCATENATE({m('text', depth)}, {m('date', depth)})",
            lambda: f"LEFT({m('text', depth)}, {self.small()})",
            lambda: f"RIGHT({m('text', depth)}, {self.small()})",
            lambda: f"MID({m('text', depth)}, {self.rng.randint(1, 4)}, {self.small()})",
            lambda: f"TRIM({m('text', depth)})",
        ]
        if not self.sql:
            options += [
                lambda: f"UPPER({m('text', depth)})",
                lambda: f"LOWER({m('text', depth)})",
                lambda: f"SUBSTITUTE({m('text', depth)}, {m('text', 0)}, {m('text', depth)})",
                lambda: f"REPLACE({m('text', depth)}, {m('number', 0)}, {self.small()}, {m('text', depth)})",
                lambda: f"JOIN({m('list', depth)}, {m('text', 0)})",
                lambda: f"LEFT({m('text', depth)}, {m('number', depth)})",
                lambda: f"TEXT({m('number', depth)}, {self.one_of('0', '0.00', '#,##0.0', 'x')})",
                lambda: f"TEXT({m('datetime', depth)}, {self.one_of('yyyy-mm-dd hh:mm:ss', 'd/m/yy h:mm')})",
                lambda: f"TEXT({m('date', depth)})",
                lambda: "USER()",
            ]
        return self.pick(*options)

    def boolean(self, depth):
        m = self.make
        options = [
            *self.common("boolean", depth),
            lambda: f"({m('boolean', depth)} AND {m('boolean', depth)})",
            lambda: f"OR({m('boolean', depth)}, {m('boolean', depth)})",
            lambda: f"NOT({m('boolean', depth)})",
            lambda: f"XOR({m('boolean', depth)}, {m('boolean', depth)})",
            lambda: f"ISBLANK({m(self.rng.choice(['text', 'number', 'date']), depth)})",
            lambda: f"EXACT({m('text', depth)}, {m('text', depth)})",
        ]
        for kind in ("number", "number", "text", "date"):
            sign = self.rng.choice(["=", "<>", "<", "<=", ">", ">="])
            options.append(lambda k=kind, s=sign: f"({m(k, depth)} {s} {m(k, depth)})")
        options.append(lambda: f"({m('datetime', depth)} {self.rng.choice('<>=')} {m('date', depth)})")
        return self.pick(*options)

    def date(self, depth):
        m = self.make
        options = [*self.common("date", depth), lambda: f"MAX({m('date', depth)}, {m('date', depth)})"]
        if not self.sql:
            unit = quoted(self.rng.choice(["d", "w", "m", "y", "q"]))
            options += [
                lambda: f"({m('date', depth)} + {self.small()})",
                lambda: f"DATEDELTA({m('date', depth)}, {m('number', 0)}, {unit})",
                lambda: f"DATE({m('number', 0)}, {self.small()}, {m('number', 0)})",
                lambda: "TODAY()",
            ]
        return self.pick(*options)

    def datetime(self, depth):
        m = self.make
        if self.sql:
            return self.pick(*self.common("datetime", depth))
        unit = quoted(self.rng.choice(["d", "h", "min", "s", "m", "y"]))
        return self.pick(
            *self.common("datetime", depth),
            lambda: f"({m('datetime', depth)} + {m('number', 0)})",
            lambda: f"DATEDELTA({m('datetime', depth)}, {m('number', 0)}, {unit})",
            lambda: "NOW()",
        )


def formulas(seed, count, *, sql=False, mistakes=0.03):
    """Give (source, values, zone) for a seed."""
    rng = random.Random(seed)
    grow = Formulas(rng, sql=sql, mistakes=mistakes)
    zones = ["Asia/Shanghai", "UTC", "America/New_York", "Asia/Kolkata"]
    for _ in range(count):
        kind = rng.choice(["number", "number", "text", "boolean", "date", "datetime"])
        yield grow.make(kind, rng.randint(1, 4)), values(rng), rng.choice(zones)
