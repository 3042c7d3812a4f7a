"""Read requests strictly: JSON objects, exact numbers, known parameters."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from forms_engine.access.actor import Actor
from forms_engine.api.auth import authenticate
from forms_engine.api.problems import BadMethod, problem_of
from forms_engine.core.query import BadQuery, QuerySpec
from forms_engine.kernel.errors import BadRequest
from forms_engine.kernel.text import Text

View = Callable[..., HttpResponse]
MAX_NESTING = 64


class BadBody(BadRequest):
    """The body is no JSON object."""

    code = "body.format"


class BadParameter(BadRequest):
    """A query parameter is unknown or cannot be read."""

    code = "query.parameter"


def endpoint(**methods: View) -> View:
    """Make one view of one function a method: each gets (request, actor, …). Refusals become problems.

    Access is decided by the API's own authentication, so Django's CSRF middleware stands aside.
    """

    allowed = tuple(sorted(methods))

    @csrf_exempt
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            actor = authenticate(request)
            method = "GET" if request.method == "HEAD" else request.method or ""
            handler = methods.get(method)
            if handler is None:
                raise BadMethod(allowed)
            return handler(request, actor, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the edge: every error becomes an answer, faults are logged
            return problem_of(error, request)

    view.takt_policy = "api"  # type: ignore[attr-defined] - the route inventory asks every view for its policy
    view.methods = allowed  # type: ignore[attr-defined]
    first = methods[allowed[0]]
    return wraps(first)(view) if len(methods) == 1 else view


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object of a body; numbers with decimals come exactly.

    Raises: BadBody.
    """
    kind = request.content_type
    # The type comes first: a multipart body may have been read as a form by then, and is no longer there.
    if kind and kind != "application/json" and request.META.get("CONTENT_LENGTH") not in ("", "0", None):
        raise BadBody(Text("Send application/json.", "请发送 application/json。"))
    raw = request.body
    if not raw.strip():
        return {}
    try:
        data = json.loads(raw, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadBody(Text("The body is no sound JSON.", "请求内容不是有效的 JSON。")) from None
    if not isinstance(data, dict):
        raise BadBody(Text("The body must be a JSON object.", "请求内容须为 JSON 对象。"))
    return data


def _no_constant(name: str) -> Any:
    raise ValueError(name)


LIST_PARAMETERS = frozenset(
    ["q", "filter", "sort", "fields", "group", "aggregates", "after", "before", "size", "count", "archived"]
)


def spec_of(request: HttpRequest) -> QuerySpec:
    """Read the parameters of a list.

    Raises: BadParameter, BadQuery.
    """
    given = request.GET
    strange = sorted(set(given) - LIST_PARAMETERS)
    if strange:
        raise BadParameter(Text("Unknown parameter %(name)s.", "未知参数 %(name)s。", name=strange[0][:80]))
    size = given.get("size", "50")
    if not size.isascii() or not size.isdecimal() or len(size) > 5:
        raise BadParameter(Text("“size” is a number.", "“size”须为数字。"))
    filter_ = None
    if given.get("filter"):
        try:
            filter_ = json.loads(given["filter"], parse_float=Decimal, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise BadQuery("“filter” is no sound JSON.", "“filter”不是有效的 JSON。") from None
    return QuerySpec(
        filter=filter_,
        search=given.get("q", ""),
        sort=_listed(given.get("sort")),
        fields=_listed(given.get("fields")) if "fields" in given else None,
        group=_listed(given.get("group")),
        aggregates=_listed(given.get("aggregates")),
        after=given.get("after"),
        before=given.get("before"),
        size=int(size),
        count=_flag(given.get("count")),
        archived={"1": True, "all": False}.get(given.get("archived", "")),
    )


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(part for part in (text or "").split(",") if part)


def _flag(text: str | None) -> bool:
    if text not in (None, "", "0", "1"):
        raise BadParameter(Text("“count” is 0 or 1.", "“count”须为 0 或 1。"))
    return text == "1"


def version_of(request: HttpRequest) -> int | None:
    """Return the row version in If-Match, None without one. Raises: BadParameter."""
    given = request.headers.get("If-Match", "").strip().strip('"')
    if not given:
        return None
    if not given.isascii() or not given.isdecimal() or len(given) > 9:
        raise BadParameter(Text("If-Match holds a row version.", "If-Match 须为行版本号。"))
    return int(given)


def answered(data: Any, status: int = 200) -> JsonResponse:
    """Return JSON."""
    return JsonResponse(
        data, status=status, safe=False, json_dumps_params={"ensure_ascii": False, "default": str}
    )


__all__ = ["Actor", "answered", "body_of", "endpoint", "spec_of", "version_of"]
