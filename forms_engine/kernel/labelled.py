"""An enumeration whose members carry a bilingual label."""

from __future__ import annotations

from enum import Enum

from forms_engine.kernel.text import Text


class Labelled(str, Enum):  # noqa: UP042  (StrEnum forbids a second value, the label)
    """Base for states and kinds: `DRAFT = "DRAFT", Text("Draft", "草稿")`; the value is what is stored."""

    label: Text

    def __new__(cls, value: str, label: Text) -> Labelled:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def choices(cls) -> list[tuple[str, Text]]:
        """Return (value, label) pairs in order of definition, as a Django field wants them."""
        return [(member.value, member.label) for member in cls]
