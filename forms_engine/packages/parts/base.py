"""The contract of a part: where its files are, what stands now, how to write it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms_engine.kernel.registry import Registry


class Part:
    """A kind of definition in a package.

    Attributes:
        key: the folder its files are in.
        order: parts that others refer to come first.
    """

    key = ""
    order = 100

    def live(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return what stands now in the same form as the file, None if there is nothing."""
        raise NotImplementedError(self.key)

    def write(self, *, actor: Any, data: Mapping[str, Any]) -> None:
        """Make it as the file says; the same again changes nothing."""
        raise NotImplementedError(self.key)

    def settled(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return a file's content as `live` would give it back, defaults filled in."""
        return dict(data)


parts: Registry[Part] = Registry("package part")
