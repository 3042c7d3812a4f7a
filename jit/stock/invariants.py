"""Promises of this room."""

from __future__ import annotations

from forms_engine.base.invariants import invariant
from forms_engine.kernel.text import Text
from jit.stock.selectors import ledger_violations


@invariant("I01-I05 ledger", Text("Balances are the sum of their moves", "库存余额等于移动合计"))
def ledger_broken() -> list[str]:
    """Postings sum to zero, balances to their moves, nothing negative where it may not be."""
    return [f"{key}: {count} rows" for key, count in ledger_violations().items()]
