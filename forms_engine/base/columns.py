"""Short names for the columns that stand in every room, so that one meaning has one type everywhere."""

from __future__ import annotations

from typing import Any

from django.db import models

from forms_engine.base.choices import Choices
from forms_engine.kernel.text import Text


def code(label: Text, **more: Any) -> models.CharField:
    """A business key: text, never a number, so that leading zeros and `1E5` survive."""
    return models.CharField(label, max_length=80, **more)


def name(label: Text, **more: Any) -> models.CharField:
    """A name to read, at most 200 characters; empty means not given."""
    return models.CharField(label, max_length=200, **({"blank": True, "default": ""} | more))


def note(label: Text, **more: Any) -> models.TextField:
    """Free text; empty means not given."""
    return models.TextField(label, **({"blank": True, "default": ""} | more))


class QuantityColumn(models.DecimalField):
    """numeric(18,6) that knows whose unit it counts in, so that a person may type it in another one."""

    def __init__(self, *args: Any, unit_from: str = "", **more: Any) -> None:
        self.unit_from = unit_from
        super().__init__(*args, **more)

    def deconstruct(self) -> Any:
        """In a migration it is a plain decimal: where its unit comes from is no matter of the database."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.DecimalField", args, kwargs

    def clone(self) -> Any:
        """Keep the path, which `deconstruct` leaves out."""
        _, _, args, kwargs = self.deconstruct()
        return self.__class__(*args, unit_from=self.unit_from, **kwargs)


def quantity(label: Text, *, unit_from: str = "", **more: Any) -> models.DecimalField:
    """An exact quantity in the item's stock unit: numeric(18,6).

    Args: unit_from: path to the unit ("item.unit"); then people may type "2 BOX" and it is converted exactly.
    """
    return QuantityColumn(
        label, max_digits=18, decimal_places=6, unit_from=unit_from, **({"default": 0} | more)
    )


def ratio(label: Text, **more: Any) -> models.DecimalField:
    """A share or factor without a unit: numeric(9,6)."""
    return models.DecimalField(label, max_digits=9, decimal_places=6, **more)


def money(label: Text, **more: Any) -> models.DecimalField:
    """An amount per stock unit: numeric(18,6); the currency stands beside it."""
    return models.DecimalField(label, max_digits=18, decimal_places=6, **more)


def minutes(label: Text, **more: Any) -> models.PositiveIntegerField:
    """A duration in whole minutes."""
    return models.PositiveIntegerField(label, **({"default": 0} | more))


def state(
    kind: type[Choices], default: Choices | None = None, label: Text | None = None, *, blank: bool = False
) -> models.CharField:
    """A state or kind out of a `Choices` enumeration, stored as its value; `blank`: "" = none of them."""
    more: dict[str, Any] = {} if default is None else {"default": default.value}
    if blank:
        more |= {"blank": True, "default": ""}
    return models.CharField(
        label or Text("State", "状态"), max_length=24, choices=kind.choices, db_index=False, **more
    )


def moment(label: Text, **more: Any) -> models.DateTimeField:
    """An aware instant, stored in UTC."""
    return models.DateTimeField(label, **more)


def to(model: str, label: Text, **more: Any) -> models.ForeignKey:
    """A reference that never deletes what it points at; pass `null=True` where it may be empty."""
    if more.get("null"):
        more.setdefault("blank", True)
    return models.ForeignKey(
        model, verbose_name=label, **({"on_delete": models.PROTECT, "related_name": "+"} | more)
    )


def part_of(model: str, label: Text, related_name: str) -> models.ForeignKey:
    """A child row's reference to its parent, which takes the child along when it goes."""
    return models.ForeignKey(model, verbose_name=label, on_delete=models.CASCADE, related_name=related_name)
