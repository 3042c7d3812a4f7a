"""What a new schema does to stored values: added, removed, renamed, retyped, tightened, and its risk."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text


class Risk(enum.IntEnum):
    """How much stored values are in danger, least first."""

    NONE = 0
    """Nothing stored changes meaning."""
    CHECK = 1
    """Stored values may break the new limits: count them first."""
    CONVERT = 2
    """Values are converted; those that cannot be go to quarantine."""
    LOSS = 3
    """Values are put out of sight (kept for 30 days)."""


class Kind(enum.StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    RETYPED = "retyped"
    REQUIRED = "required"
    OPTIONAL = "optional"
    UNIQUE = "unique"
    NOT_UNIQUE = "not_unique"
    INDEX = "index"
    NO_INDEX = "no_index"
    TIGHTENED = "tightened"
    LOOSENED = "loosened"
    RECOMPUTED = "recomputed"
    RELABELLED = "relabelled"


@dataclass(frozen=True)
class Change:
    """One difference of one field. `old` and `new` are its two specs; `settings` the options concerned."""

    kind: Kind
    risk: Risk
    old: FieldSpec | None
    new: FieldSpec | None
    settings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        spec = self.new or self.old
        return spec.name if spec else ""

    @property
    def label(self) -> Text:
        spec = self.new or self.old
        return spec.label if spec else Text("")


_WIDENING = {("integer", "decimal"), ("text", "long_text"), ("choice", "text"), ("serial", "text"),
             ("scan", "text"), ("text", "scan")}  # fmt: skip
"""Changes of type every value survives as it is."""
_LEAST = {"min", "min_length"}
_MOST = {"max", "max_length", "decimals"}


def schema_diff(old: Schema, new: Schema) -> list[Change]:
    """List what changes from one schema to another; fields are matched by their stable id.

    Returns: changes in the new schema's order, removed fields last.
    """
    changes: list[Change] = []
    for spec in new:
        before = old.by_id(spec.id)
        if before is None:
            # Existing rows get NULL or the default; without one a required field is unmet by all of them.
            demanding = (spec.required and spec.default is None) or (spec.unique and spec.default is not None)
            changes.append(Change(Kind.ADDED, Risk.CHECK if demanding else Risk.NONE, None, spec))
            continue
        changes.extend(_field_changes(before, spec))
    kept = {spec.id for spec in new}
    changes.extend(Change(Kind.REMOVED, Risk.LOSS, spec, None) for spec in old if spec.id not in kept)
    return changes


def worst_risk(changes: list[Change]) -> Risk:
    """Return the highest risk among changes."""
    return max((change.risk for change in changes), default=Risk.NONE)


def _field_changes(old: FieldSpec, new: FieldSpec) -> list[Change]:
    changes: list[Change] = []

    def say(kind: Kind, risk: Risk = Risk.NONE, *settings: str) -> None:
        changes.append(Change(kind, risk, old, new, settings))

    if old.name != new.name:
        say(Kind.RENAMED)
    if old.type != new.type:
        say(Kind.RETYPED, Risk.CHECK if (old.type, new.type) in _WIDENING else Risk.CONVERT)
    elif old.type == "formula" and _differs(old, new, ("formula", "result", "decimals")):
        say(Kind.RECOMPUTED, Risk.CONVERT if _differs(old, new, ("result",)) else Risk.NONE, "formula")
    else:
        tighter, looser = _limits(old, new)
        if tighter:
            say(Kind.TIGHTENED, Risk.CHECK, *tighter)
        if looser:
            say(Kind.LOOSENED, Risk.NONE, *looser)
    if old.required != new.required:
        say(*((Kind.REQUIRED, Risk.CHECK) if new.required else (Kind.OPTIONAL, Risk.NONE)))
    if old.unique != new.unique:
        say(*((Kind.UNIQUE, Risk.CHECK) if new.unique else (Kind.NOT_UNIQUE, Risk.NONE)))
    if old.index != new.index:
        say(Kind.INDEX if new.index else Kind.NO_INDEX)
    if old.label != new.label or old.help != new.help:
        say(Kind.RELABELLED)
    return changes


def _differs(old: FieldSpec, new: FieldSpec, names: tuple[str, ...]) -> bool:
    return any(old.option(name) != new.option(name) for name in names)


def _limits(old: FieldSpec, new: FieldSpec) -> tuple[list[str], list[str]]:
    """Return the settings that allow less than before, and those that allow more."""
    tighter: list[str] = []
    looser: list[str] = []
    for name in sorted({*old.options, *new.options}):
        before, after = old.option(name), new.option(name)
        if before == after:
            continue
        if name in _LEAST | _MOST:
            less = _number(before, name in _LEAST) - _number(after, name in _LEAST)
            shrinks = less < 0 if name in _LEAST else less > 0
            (tighter if shrinks else looser).append(name)
        elif name == "choices":
            gone = _values(before) - _values(after)
            (tighter if gone else looser).append(name)
        elif name in ("pattern", "unit", "units", "target", "condition"):
            (tighter if after is not None else looser).append(name)
        else:
            looser.append(name)
    return tighter, looser


def _number(value: Any, least: bool) -> Decimal:
    """Return a limit as a number; none at all is as far away as can be. Days compare by their text."""
    if value is None:
        return Decimal("-1e30") if least else Decimal("1e30")
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal("".join(char for char in str(value) if char.isdigit()) or 0)


def _values(choices: Any) -> set[str]:
    if isinstance(choices, str):
        return {line.partition("|")[0].strip() for line in choices.splitlines() if line.strip()}
    found = set()
    for entry in choices or ():
        if isinstance(entry, dict):
            found.add(str(entry.get("value")))
        else:
            found.add(str(entry[0]) if isinstance(entry, list | tuple) else str(entry))
    return found
