"""Small frozen records that travel as JSON under a kind: signals and effects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

from forms_engine.workflows.engine.codec import pack, unpack


@dataclass(frozen=True, kw_only=True)
class Coded:
    """Base of the records; a subclass is known by its name in snake_case (`TaskDecided`: task_decided)."""

    kind: ClassVar[str] = "coded"
    _kinds: ClassVar[dict[str, type[Coded]]] = {}

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.kind = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        Coded._kinds[cls.kind] = cls

    def dump(self) -> dict[str, Any]:
        """Return JSON-ready data with the kind."""
        return {"kind": self.kind} | {f.name: pack(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Self:
        """Return the record `dump` was called on.

        Raises: ValueError for an unknown kind, or one that is not of this family.
        """
        kind = Coded._kinds.get(data.get("kind", ""))
        if kind is None or not issubclass(kind, cls):
            raise ValueError(f"not a {cls.kind}: {data.get('kind')!r}")
        known = {f.name for f in fields(kind)}
        return kind(**{key: unpack(value) for key, value in data.items() if key in known})
