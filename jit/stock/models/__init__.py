"""The ledger, as tables."""

from jit.stock.models.ledger import Balance, Posting, Reservation, StockMove
from jit.stock.models.lot import HandlingUnit, Lot
from jit.stock.models.variance import Variance

__all__ = ["Balance", "HandlingUnit", "Lot", "Posting", "Reservation", "StockMove", "Variance"]
