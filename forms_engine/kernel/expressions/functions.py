"""The functions of the formula language: what they take, what they give, and where their code is.

Parameter kinds: n number, s text (numbers and days become text), b boolean, d day or moment, l list or single
values, v any single value, * anything. The last kind stands for all further arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from forms_engine.kernel.expressions import dates, lists, numbers, texts
from forms_engine.kernel.text import Text


@dataclass(frozen=True)
class Function:
    """One function.

    Args:
        name: as written in formulas.
        kinds: kind of each parameter.
        least, most: how many it takes; most 255 = any number.
        result: number, text, boolean, date, datetime, list, or "same" (kind of its values).
        run: (env, *values) → value; None for those the evaluator treats itself.
        empty: "propagate" = an empty argument makes the result empty, "own" = the code decides.
        step: arguments come in groups of this many (after `least`).
    """

    name: str
    kinds: str
    least: int
    most: int
    result: str
    run: Callable[..., Any] | None = None
    empty: str = "propagate"
    step: int = 1

    def takes(self, count: int) -> bool:
        return self.least <= count <= self.most and (self.step == 1 or (count - self.least) % self.step == 0)

    def kind(self, index: int) -> str:
        """Return the kind of an argument by its position."""
        return self.kinds[min(index, len(self.kinds) - 1)]

    def arity_text(self) -> Text:
        """Say in words how many arguments it takes."""
        if self.least == self.most:
            return Text("%(n)s arguments", "%(n)s 个参数", n=self.least)
        if self.most >= 255:
            return Text("at least %(n)s arguments", "至少 %(n)s 个参数", n=self.least)
        return Text("%(a)s to %(b)s arguments", "%(a)s 至 %(b)s 个参数", a=self.least, b=self.most)


_ALL = (
    # Logic: the evaluator runs these itself, so that only the needed branch is computed.
    Function("IF", "b**", 2, 3, "same", empty="own"),
    Function("IFS", "b*", 2, 254, "same", empty="own", step=2),
    Function("SWITCH", "v", 3, 255, "same", empty="own"),
    Function("AND", "b", 1, 255, "boolean", empty="own"),
    Function("OR", "b", 1, 255, "boolean", empty="own"),
    Function("IFERROR", "**", 2, 2, "same", empty="own"),
    Function("NOT", "b", 1, 1, "boolean", numbers.not_),
    Function("XOR", "b", 1, 255, "boolean", numbers.xor),
    Function("ISBLANK", "*", 1, 1, "boolean", lists.is_blank, "own"),
    # Over lists (columns of a sub-table) and single values.
    Function("SUM", "l", 1, 255, "number", lists.sum_, "own"),
    Function("AVERAGE", "l", 1, 255, "number", lists.average, "own"),
    Function("MIN", "l", 1, 255, "same", lists.min_, "own"),
    Function("MAX", "l", 1, 255, "same", lists.max_, "own"),
    Function("COUNT", "l", 1, 255, "number", lists.count, "own"),
    Function("COUNTIF", "lv", 2, 2, "number", lists.count_if, "own"),
    Function("SUMIF", "lvl", 2, 3, "number", lists.sum_if, "own"),
    Function("SUMPRODUCT", "l", 1, 20, "number", lists.sum_product, "own"),
    Function("JOIN", "ls", 2, 2, "text", lists.join, "own"),
    Function("SPLIT", "ss", 2, 2, "list", lists.split),
    # Numbers.
    Function("ROUND", "nn", 1, 2, "number", numbers.round_),
    Function("ROUNDUP", "nn", 1, 2, "number", numbers.round_up),
    Function("ROUNDDOWN", "nn", 1, 2, "number", numbers.round_down),
    Function("INT", "n", 1, 1, "number", numbers.int_),
    Function("MOD", "nn", 2, 2, "number", numbers.mod),
    Function("ABS", "n", 1, 1, "number", numbers.abs_),
    Function("CEILING", "nn", 1, 2, "number", numbers.ceiling),
    Function("FLOOR", "nn", 1, 2, "number", numbers.floor),
    Function("VALUE", "s", 1, 1, "number", numbers.value),
    # Text, counted in characters (code points), not in bytes or UTF-16 units.
    Function("CONCATENATE", "s", 1, 255, "text", texts.concatenate, "own"),
    Function("TEXT", "vs", 1, 2, "text", texts.text_format),
    Function("LEFT", "sn", 1, 2, "text", texts.left),
    Function("RIGHT", "sn", 1, 2, "text", texts.right),
    Function("MID", "snn", 3, 3, "text", texts.mid),
    Function("LEN", "s", 1, 1, "number", texts.len_, "own"),
    Function("TRIM", "s", 1, 1, "text", texts.trim),
    Function("UPPER", "s", 1, 1, "text", texts.upper),
    Function("LOWER", "s", 1, 1, "text", texts.lower),
    Function("SEARCH", "ssn", 2, 3, "number", texts.search),
    Function("REPLACE", "snns", 4, 4, "text", texts.replace),
    Function("SUBSTITUTE", "sss", 3, 3, "text", texts.substitute, "own"),
    Function("EXACT", "ss", 2, 2, "boolean", texts.exact),
    # Days and moments; hours and days are those of the plant's zone.
    Function("DATE", "nnn", 3, 3, "date", dates.date),
    Function("DATEDIF", "dds", 3, 3, "number", dates.datedif),
    Function("DATEDELTA", "dns", 2, 3, "same", dates.datedelta),
    Function("DAYS", "dd", 2, 2, "number", dates.days),
    Function("YEAR", "d", 1, 1, "number", dates.year),
    Function("MONTH", "d", 1, 1, "number", dates.month),
    Function("DAY", "d", 1, 1, "number", dates.day),
    Function("HOUR", "d", 1, 1, "number", dates.hour),
    Function("MINUTE", "d", 1, 1, "number", dates.minute),
    Function("WEEKDAY", "d", 1, 1, "number", dates.weekday),
    Function("WEEKNUM", "dn", 1, 2, "number", dates.weeknum),
    Function("ISOWEEKNUM", "d", 1, 1, "number", dates.isoweeknum),
    # The same within one transaction, on both sides.
    Function("NOW", "", 0, 0, "datetime", dates.now),
    Function("TODAY", "", 0, 0, "date", dates.today),
    Function("USER", "", 0, 0, "text", dates.user),
)
FUNCTIONS: dict[str, Function] = {function.name: function for function in _ALL}
