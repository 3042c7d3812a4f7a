"""What a run had to assume because master data is missing (pull.md 19); it plans on and says so."""

from __future__ import annotations

#: Kinds: PLANT_HOURS (no calendar of its own: the plant's), ALWAYS_OPEN (the plant has none either),
#: NO_PACK (no packaging: single pieces), NO_DOCK, NO_WINDOWS (the lane is left out), AGREEMENT_ENDS (before
#: the horizon does: the plan counts on the supplier, later releases will not).
PLANT_HOURS, ALWAYS_OPEN, NO_PACK, NO_DOCK, NO_WINDOWS, AGREEMENT_ENDS = (
    "PLANT_HOURS",
    "ALWAYS_OPEN",
    "NO_PACK",
    "NO_DOCK",
    "NO_WINDOWS",
    "AGREEMENT_ENDS",
)


class Warnings:
    """Each (kind, what it is about) once, in the order they were met."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], None] = {}

    def add(self, kind: str, about: str) -> None:
        """Note one; the second time is no news."""
        self._found[kind, about] = None

    def all(self) -> list[tuple[str, str]]:
        """Return what was noted, sorted by kind and name."""
        return sorted(self._found)
