"""Any entity: typed or admin-made, through the door's bulk path."""

from collections.abc import Iterator, Mapping, Sequence

from forms_engine.access.actor import Actor
from forms_engine.core.bulk import bulk_upsert
from forms_engine.core.entity import Entity, entity
from jit.exchange.targets.base import BATCH, ImportTarget, Note, Outcome, RowFault, Rows, TargetField


class EntityTarget(ImportTarget):
    """Rows of one entity, found by its business key."""

    def __init__(self, key: str) -> None:
        self.key = key

    @property
    def _entity(self) -> Entity:
        return entity(self.key)

    @property
    def label(self):  # type: ignore[override]
        return self._entity.plural

    @property
    def key_fields(self) -> tuple[str, ...]:
        return self._entity.business_key

    @property
    def fields(self) -> Sequence[TargetField]:
        own = self._entity
        return [
            TargetField(
                spec.name, spec.type, spec.label, spec.required or _is_needed_key(own, spec.name), spec.help
            )
            for spec in own.schema
            if spec.type != "table" and not spec.read_only and spec.name not in own.hidden
        ]

    def write(self, *, actor: Actor, rows: Rows, note: Note, source: str = "") -> Outcome:
        return entity_write(actor=actor, key=self.key, by=self.key_fields, rows=rows, note=note)


def _is_needed_key(noun: Entity, name: str) -> bool:
    """Whether a key field may not be empty: a form may leave a number to be drawn, an import cannot."""
    if name not in noun.business_key:
        return False
    if noun.model is None:
        return True
    column = noun.model._meta.get_field(name)
    return not (column.null or column.blank or column.has_default())


def entity_write(
    *, actor: Actor, key: str, by: tuple[str, ...], rows: Rows, note: Note, direct: bool = False
) -> Outcome:
    """Upsert rows of one entity; faults carry the file row, not the place in the list.

    Args:
        direct: the caller keeps the entity's own rules for all rows at once (see `bulk_upsert`).
    """
    numbers: list[int] = []

    def raws() -> Iterator[Mapping[str, object]]:
        for number, raw in rows:
            numbers.append(number)
            if len(numbers) % BATCH == 0:
                note(len(numbers))
            yield raw

    result = bulk_upsert(actor=actor, entity_key=key, rows=raws(), by=by, direct=direct)
    outcome = Outcome(result.created, result.updated, result.unchanged)
    for place, errors in result.errors:
        for error in errors:
            name = (error.field or "").split(".")[0]
            outcome.faults.append(RowFault(numbers[place], name, error.code, error.message))
    return outcome
