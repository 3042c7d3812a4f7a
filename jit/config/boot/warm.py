"""Compile the planner's kernels once per version of their sources; later starts load them from disk."""

from __future__ import annotations

import sys

from jit.config.boot import stamps
from jit.config.boot.messages import say
from jit.config.boot.paths import ROOT
from jit.config.boot.process import run_child


def planner(environment: dict[str, str]) -> bool:
    """Return True when the planner is ready to run without compiling."""
    marks = ROOT / ".data" / "numba"
    if stamps.holds(marks, "warm", stamps.planner()):
        return True
    say("正在编译计划引擎（首次约一分钟）… / compiling the planner")
    marks.mkdir(parents=True, exist_ok=True)
    path = environment.get("PYTHONPATH", "")
    if run_child(
        [sys.executable, "-m", "jit.algorithms.warm"], environment | {"PYTHONPATH": path or str(ROOT)}, ROOT
    ):
        return False
    stamps.put(marks, "warm", stamps.planner())
    return True
