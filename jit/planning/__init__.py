"""Demand, production plans, plan runs, pegging."""
