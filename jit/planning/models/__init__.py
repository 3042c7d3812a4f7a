"""Planning, as tables: demand, production plans, runs and what they found."""

from jit.planning.models.demand import Demand, ProductionPlan, ProductionPlanLine
from jit.planning.models.proposals import FirmOrder, PlannedOrder, PlannedPack
from jit.planning.models.run import CallOffPeg, PlanException, PlanRun, PlanRunNode

__all__ = [
    "CallOffPeg",
    "Demand",
    "FirmOrder",
    "PlanException",
    "PlanRun",
    "PlanRunNode",
    "PlannedOrder",
    "PlannedPack",
    "ProductionPlan",
    "ProductionPlanLine",
]
