"""Columns side by side: the base of every table the pull run reads."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Self

import numpy as np

#: "Never" in a column of times: later than every minute, and safe to add a lead time to.
NEVER = 1 << 60
#: "Always has been" in a column of times.
ALWAYS = -(1 << 60)


def column(dtype: str, default: object = None) -> Any:
    """Declare a column: its numpy dtype ("str" = business key) and the value of a row that says nothing."""
    return field(default=None, metadata={"dtype": dtype, "default": default})


@dataclass(frozen=True, eq=False)
class Table:
    """Arrays of one length; missing columns are filled with their default.

    Raises: ValueError if a required column is missing, if lengths differ, or if a float is NaN or infinite.
    """

    def __post_init__(self) -> None:
        rows = max((len(v) for v in self.columns().values() if v is not None), default=0)
        for spec in fields(self):
            value, dtype, default = getattr(self, spec.name), spec.metadata["dtype"], spec.metadata["default"]
            if value is None:
                if default is None and rows:
                    raise ValueError(f"{type(self).__name__}.{spec.name} is required")
                value = np.full(
                    rows, "" if default is None and dtype == "str" else default or 0, _numpy(dtype)
                )
            array = np.ascontiguousarray(value, dtype=_numpy(dtype))
            if array.shape != (rows,):
                raise ValueError(
                    f"{type(self).__name__}.{spec.name}: shape {array.shape}, expected ({rows},)"
                )
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise ValueError(f"{type(self).__name__}.{spec.name} holds NaN or infinity")
            object.__setattr__(self, spec.name, array)

    def columns(self) -> dict[str, Any]:
        """Return name → array, in the order of declaration."""
        return {spec.name: getattr(self, spec.name) for spec in fields(self)}

    def __len__(self) -> int:
        return len(next(iter(self.columns().values())))

    def take(self, rows: np.ndarray, **changed: np.ndarray) -> Self:
        """Return the table of the given rows, in that order; `changed` columns replace their namesakes."""
        return type(self)(**{name: changed.get(name, value[rows]) for name, value in self.columns().items()})


def _numpy(dtype: str) -> str | type:
    return np.dtypes.StringDType() if dtype == "str" else dtype  # type: ignore[return-value]
