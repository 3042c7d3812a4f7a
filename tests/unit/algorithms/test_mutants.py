"""Each deliberate fault in a kernel is found, and the faultless kernel is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.algorithms.mutants import MUTANTS

ROOT = Path(__file__).parents[3]
FAULTS = sorted(set(MUTANTS) - {"none"})


def hunt(name: str, plants: int) -> subprocess.CompletedProcess[str]:
    """Run one mutant, uncompiled, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tests.unit.algorithms.mutants", name, str(plants)],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
    )  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_the_fault_is_found(name):
    done = hunt(name, 250)
    assert done.returncode == 0, f"{name} survives\n{done.stderr[-2000:]}"


def test_without_a_fault_nothing_is_found():
    done = hunt("none", 25)
    assert (done.returncode, done.stdout.strip()) == (1, "-1"), done.stderr[-2000:]
