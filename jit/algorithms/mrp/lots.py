"""Lot sizes: rule quantity, minimum, multiple, maximum (rules 16, 17)."""

import numpy as np

from jit.algorithms.compiled import hot
from jit.algorithms.mrp.shapes import NEAR


@hot
def round_up(quantity, multiple):
    """Return the smallest multiple >= quantity, with a relative tolerance; multiple 0 = quantity itself."""
    if multiple <= 0:
        return quantity
    lots = quantity / multiple
    return np.ceil(lots - NEAR * max(1.0, lots)) * multiple


@hot
def round_down(quantity, multiple):
    """Return the largest multiple <= quantity, with a relative tolerance; multiple 0 = quantity itself."""
    if multiple <= 0:
        return quantity
    lots = quantity / multiple
    return np.floor(lots + NEAR * max(1.0, lots)) * multiple


@hot
def shape_lot(quantity, low, multiple, high):
    """Return the START quantity of one lot for a wish: at least `low`, whole multiples, at most `high` (0
    = none).

    A maximum that is no multiple counts as the multiple below it, and as one multiple if it is smaller
    than that.
    """
    lot = round_up(max(quantity, low), multiple)
    if high > 0:
        top = round_down(high, multiple)
        if top <= 0:
            top = multiple
        lot = min(lot, top)
    return lot
