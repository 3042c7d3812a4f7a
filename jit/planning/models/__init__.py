"""Planning, as tables: demand, production plans, runs and what they found."""

from jit.planning.models.demand import Demand, ProductionPlan, ProductionPlanLine
from jit.planning.models.run import CallOffPeg, PlanException, PlannedOrder, PlanRun, PlanRunNode

__all__ = [
    "CallOffPeg",
    "Demand",
    "PlanException",
    "PlanRun",
    "PlanRunNode",
    "PlannedOrder",
    "ProductionPlan",
    "ProductionPlanLine",
]
