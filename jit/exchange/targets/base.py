"""What an import target promises: its fields, its key, and how rows are written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from forms_engine.access.actor import Actor
from forms_engine.kernel.text import Text
from jit.exchange.mapping import Target

#: Rows on their way in: (file row, {field: raw value}).
Rows = Iterable[tuple[int, Mapping[str, object]]]
#: Called with the number of rows taken so far; may raise to stop everything.
Note = Callable[[int], None]
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class TargetField:
    """One field a column may be mapped to; `kind` is a field type's key."""

    name: str
    kind: str
    label: Text
    is_required: bool = False
    help: Text | None = None

    def target(self) -> Target:
        """Return what the column guesser wants to know."""
        names = [self.label.en, self.label.zh]
        return Target(self.name, tuple(names), self.is_required)


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that was refused: which field, which code, in words."""

    row: int
    field: str
    code: str
    message: Text
    value: str = ""


@dataclass(slots=True)
class Outcome:
    """What came of the rows. Rows in = created + updated + unchanged + rows with a fault (I27)."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    faults: list[RowFault] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        """Number of different rows with a fault."""
        return len({fault.row for fault in self.faults})

    @property
    def rows(self) -> int:
        """Number of rows that came in."""
        return self.created + self.updated + self.unchanged + self.rejected


class ImportTarget:
    """Base: override `fields`, `key_fields` and `write`."""

    key: str = ""
    label: Text = Text("")

    @property
    def fields(self) -> Sequence[TargetField]:
        """The fields a column may go to, in the order of a sample file."""
        raise NotImplementedError

    @property
    def key_fields(self) -> tuple[str, ...]:
        """The fields that find an existing row."""
        raise NotImplementedError

    def write(self, *, actor: Actor, rows: Rows, note: Note, source: str = "") -> Outcome:
        """Upsert the rows inside the caller's transaction; unchanged rows are not touched.

        Bad rows become faults and nothing else; the others are written. `source` names the import on what
        carries a document number.
        """
        raise NotImplementedError


def quiet(_done: int) -> None:
    """A note that nobody reads."""
