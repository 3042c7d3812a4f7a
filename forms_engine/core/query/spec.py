"""What may be asked of a list, as plain data, and how it is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from forms_engine.kernel.errors import BadRequest
from forms_engine.kernel.text import Text

MAX_SIZE = 500
MAX_DEPTH = 8
MAX_CLAUSES = 100
MAX_SORTS = 4
MAX_GROUPS = 4
MAX_AGGREGATES = 12
EXACT_COUNT = 1000


class FieldUnknown(BadRequest):
    """A clause names a field that does not exist or that the actor may not see: the two answer alike."""

    code = "query.field_unknown"

    def __init__(self, name: object) -> None:
        shown = str(name)[:80]
        super().__init__(
            Text("There is no field “%(name)s”.", "没有字段“%(name)s”。", name=shown), params={"name": shown}
        )


class BadQuery(BadRequest):
    """A clause has the wrong form, or there are too many."""

    code = "query.malformed"

    def __init__(self, en: str, zh: str, **params: Any) -> None:
        super().__init__(Text(en, zh, **params))


@dataclass(frozen=True)
class QuerySpec:
    """One question to an entity's list.

    Args:
        filter: ["and", clause, …], ["or", …], ["not", clause] or [operator, field, value]; None = all. A
            field may go through one reference (`item.code`); a value {"field": "other"} compares two fields.
        search: words looked for in the entity's search fields; every word must be found.
        sort: field names, `-due` = descending; () = the entity's own order.
        fields: names to return; None = the entity's fields without long ones hidden from the actor.
        group: names, or `due:month` (day, week, month, year); rows are then groups.
        aggregates: `count`, `sum:quantity`, `avg:…`, `min:…`, `max:…`, `count_distinct:…`.
        after, before: cursor of a page's end or start.
        size: rows a page, 1 to 500.
        count: also count, exactly to 1,000 and estimated above.
        archived: None = only living ones, True = only archived ones, False = both.
    """

    filter: Sequence[Any] | None = None
    search: str = ""
    sort: Sequence[str] = ()
    fields: Sequence[str] | None = None
    group: Sequence[str] = ()
    aggregates: Sequence[str] = ()
    after: str | None = None
    before: str | None = None
    size: int = 50
    count: bool = False
    archived: bool | None = None


@dataclass(frozen=True)
class Page:
    """Rows by field name; a reference is {"id", "label"}. `count` is None unless asked for."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    next: str | None = None
    prev: str | None = None
    count: int | None = None
    estimated: bool = False

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def spec_from(data: Mapping[str, Any]) -> QuerySpec:
    """Read a spec kept as JSON (saved views, dashboards). Unknown keys are refused."""
    strange = sorted(set(data) - set(QuerySpec.__dataclass_fields__))
    if strange:
        raise BadQuery("Unknown clause %(name)s.", "无法识别的查询条件 %(name)s。", name=strange[0])
    return QuerySpec(**data)
