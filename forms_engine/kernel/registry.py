"""One table class for every extension point: field types, actions, nodes, alert types, widgets, channels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from forms_engine.kernel.errors import NotFound
from forms_engine.kernel.text import Text

T = TypeVar("T")
U = TypeVar("U")


class UnknownKey(NotFound):
    """No extension is registered under this key."""

    code = "registry.unknown_key"


class DuplicateKey(RuntimeError):
    """Two files claim one key; the start fails and names both."""


class Frozen(RuntimeError):
    """Somebody registered after the start had frozen the table."""


class Registry(Generic[T]):
    """A table key → extension. Classes are instantiated once; iteration is sorted by key.

    Args:
        name: what the table holds, for messages ("field type").
        folder: name of the sub-package every app may have, whose modules `base.discovery` imports.
        instantiate: store `cls()` for a decorated class (default) or the class itself.
    """

    def __init__(self, name: str, folder: str | None = None, *, instantiate: bool = True) -> None:
        self.name = name
        self.folder = folder
        self._instantiate = instantiate
        self._items: dict[str, T] = {}
        self._homes: dict[str, str] = {}
        self._frozen = False

    def register(self, extension: U) -> U:
        """Add a class or an object by its `.key`; usable as a decorator.

        Raises:
            DuplicateKey: the key is taken by another module.
            Frozen: after the start.
        """
        item: Any = extension() if isinstance(extension, type) and self._instantiate else extension
        key = getattr(item, "key", None)
        if not isinstance(key, str) or not key:
            raise TypeError(f"{self.name}: {extension!r} has no key")
        home = getattr(extension, "__module__", type(extension).__module__)
        if key in self._items:
            raise DuplicateKey(f"{self.name} {key!r} is claimed by {self._homes[key]} and by {home}")
        if self._frozen:
            raise Frozen(f"{self.name}: {key!r} came after the start")
        self._items[key] = item
        self._homes[key] = str(home)
        return extension

    def freeze(self) -> None:
        """Close the table: from now on it is read only."""
        self._frozen = True

    @property
    def is_frozen(self) -> bool:
        return self._frozen

    def get(self, key: str) -> T:
        """Return the extension of a key.

        Raises:
            UnknownKey: nothing is registered under it.
        """
        try:
            return self._items[key]
        except (KeyError, TypeError):
            raise UnknownKey(
                Text(
                    "There is no %(kind)s “%(key)s”.", "没有“%(key)s”这种%(kind)s。", kind=self.name, key=key
                )
            ) from None

    def home(self, key: str) -> str:
        """Return the module an extension was registered from."""
        return self._homes[key]

    def keys(self) -> list[str]:
        return sorted(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[T]:
        return iter([self._items[key] for key in sorted(self._items)])

    def __len__(self) -> int:
        return len(self._items)
