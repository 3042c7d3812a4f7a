"""Everything a person can act on: a stable code, one sentence in both languages, the field at fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from forms_engine.kernel.text import Text


class MesError(Exception):
    """Base of every refusal a person can act on.

    `code` is stable and dotted, `status` the HTTP status the edges answer with. `message` may be a `Text`, a
    translated string or a lazy one; it is turned into words by `str(error.message)` or `error.in_language`.
    """

    code: str = "error"
    status: int = 422

    def __init__(
        self,
        message: Any,
        *,
        field: str | None = None,
        params: Mapping[str, Any] | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.params: dict[str, Any] = dict(params or {})
        if code is not None:
            self.code = code

    def in_language(self, code: str | None) -> str:
        """Return the sentence for a reader of that language."""
        if isinstance(self.message, Text):
            return self.message.in_language(code)
        return str(self.message)

    def at(self, field: str) -> FieldError:
        """Return the same refusal tied to a field."""
        return FieldError(field, self.code, self.message, params=self.params)

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """The refusals tied to fields: none or one for a plain error, all of them for an `ErrorList`."""
        return (self.at(self.field),) if self.field is not None else ()

    def __str__(self) -> str:
        return str(self.message)


class FieldError(MesError):
    """One value that cannot be taken. `field` is its path: `quantity`, `lines.2.item`, "" = the record."""

    code = "value.invalid"

    def __init__(
        self, field: str, code: str, message: Any, *, params: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message, field=field, params=params, code=code)

    def under(self, prefix: str) -> FieldError:
        """Return the same error one level deeper: `item` under `lines.2` becomes `lines.2.item`."""
        path = f"{prefix}.{self.field}" if self.field else prefix
        return FieldError(path, self.code, self.message, params=self.params)

    def __repr__(self) -> str:
        return f"FieldError({self.field!r}, {self.code!r}, {str(self.message)!r})"


class ErrorList(MesError):
    """All refusals of one submission at once; iterate it for the single `FieldError`s."""

    code = "values.invalid"

    def __init__(self, errors: Iterable[MesError], message: Any = None) -> None:
        self._errors: tuple[FieldError, ...] = tuple(
            error if isinstance(error, FieldError) else error.at(error.field or "") for error in errors
        )
        super().__init__(message or Text("Please correct the marked fields.", "请更正标出的字段。"))

    @property
    def errors(self) -> tuple[FieldError, ...]:
        return self._errors

    def by_field(self) -> dict[str, list[FieldError]]:
        """Group the errors by field path, for forms."""
        groups: dict[str, list[FieldError]] = {}
        for error in self._errors:
            groups.setdefault(error.field or "", []).append(error)
        return groups

    def __iter__(self) -> Iterator[FieldError]:
        return iter(self._errors)

    def __len__(self) -> int:
        return len(self._errors)

    def __str__(self) -> str:
        return " ".join(f"{e.field}: {e.message}" if e.field else str(e.message) for e in self._errors)


class NotFound(MesError):
    """No such record or page, or one the actor may not see: the two answer alike."""

    code = "not_found"
    status = 404


class Denied(MesError):
    """The actor may see the record but not do this; a record he may not see is answered by `NotFound`."""

    code = "denied"
    status = 403


class Conflict(MesError):
    """The record changed meanwhile, or is in a state in which this cannot be done."""

    code = "conflict"
    status = 409


class BadRequest(MesError):
    """The request itself is malformed: body, query clause, unknown name."""

    code = "bad_request"
    status = 400


class Unavailable(MesError):
    """Cannot be done right now; trying again later is right. `retry_after` in seconds."""

    code = "unavailable"
    status = 503

    def __init__(self, message: Any, *, retry_after: int = 5, **more: Any) -> None:
        super().__init__(message, **more)
        self.retry_after = retry_after
