"""What a layout makes of a folder: a list of steps, each some rows for one import target, in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo


@dataclass(frozen=True, slots=True)
class Step:
    """Rows for one target. `rows` are (row in the source file, 0 = none; {field: raw value})."""

    target: str
    rows: Sequence[tuple[int, Mapping[str, object]]]
    source: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A source row that was left out: file, row, column, code and the cell's text."""

    source: str
    row: int
    column: str
    code: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or sheet nothing was taken from; `code` is a key of `texts.SKIPPED`."""

    source: str
    code: str


@dataclass(slots=True)
class Plan:
    """The steps of one folder, what could not be read and what held nothing. `facts` are figures to print."""

    layout: str
    steps: list[Step]
    refusals: list[Refusal] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a folder does not say itself: its data set's name, the zone of its times, the plant, `as_of`."""

    batch: str
    zone: tzinfo
    zone_name: str
    as_of: datetime
    plant: str = "P1"
