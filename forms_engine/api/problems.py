"""Every refusal of the API as `application/problem+json`, in both languages, with the request's id."""

from __future__ import annotations

import json
import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, OperationalError
from django.http import HttpRequest, HttpResponse

from forms_engine.kernel.errors import ErrorList, FieldError, MesError
from forms_engine.kernel.text import Text

log = logging.getLogger("takt.api")
CONTENT_TYPE = "application/problem+json"


class NotAuthenticated(MesError):
    """No token, a dead one, or no session."""

    code = "access.not_authenticated"
    status = 401


class BadMethod(MesError):
    """The address does not take this method."""

    code = "request.method"
    status = 405

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(Text("This method is not allowed here.", "该地址不支持此请求方法。"))
        self.allowed = allowed


def words(message: Any) -> dict[str, str]:
    """Return a message in both languages."""
    return Text.of(message if isinstance(message, Text) else str(message)).dump()


def problem(error: MesError, request: HttpRequest) -> HttpResponse:
    """Return the answer of a refusal."""
    details = error.errors if hasattr(error, "errors") else ()
    body: dict[str, Any] = {
        "code": error.code,
        "status": error.status,
        "title": words(error.message),
        "errors": [
            {"field": one.field or "", "code": one.code, "message": words(one.message)}
            for one in details
            if isinstance(one, FieldError)
        ],
        "request_id": request_id(request),
    }
    if isinstance(error, FieldError) and not body["errors"]:
        body["errors"] = [{"field": error.field, "code": error.code, "message": words(error.message)}]
    if error.params and not isinstance(error, ErrorList):
        body["params"] = error.params
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False, default=str), status=error.status, content_type=CONTENT_TYPE
    )
    wait = getattr(error, "retry_after", None)
    if wait is not None:
        response["Retry-After"] = str(wait)
    if isinstance(error, NotAuthenticated):
        response["WWW-Authenticate"] = "Token"
    if isinstance(error, BadMethod):
        response["Allow"] = ", ".join(error.allowed)
    return response


def request_id(request: HttpRequest) -> str:
    """Return the id the request carries through logs and journal."""
    return str(getattr(request, "id", ""))


class _Plain(MesError):
    """A refusal made from another library's exception."""


def problem_of(error: Exception, request: HttpRequest) -> HttpResponse:
    """Return the answer of any exception; what is not a refusal is logged and answers 500 without details."""
    if isinstance(error, MesError):
        return problem(error, request)
    if isinstance(error, RequestDataTooBig):
        plain = _Plain(Text("The body is too large.", "请求内容过大。"), code="body.too_large")
        plain.status = 413
    elif isinstance(error, SuspiciousOperation):
        plain = _Plain(Text("The request is malformed.", "请求格式不正确。"), code="request.malformed")
        plain.status = 400
    elif isinstance(error, OperationalError):
        log.warning("database: %s", error)
        plain = _Plain(Text("The system is busy. Please try again.", "系统繁忙，请稍后重试。"), code="busy")
        plain.status = 503
        response = problem(plain, request)
        response["Retry-After"] = "2"
        return response
    else:
        log.exception("api: %s", type(error).__name__, exc_info=error)
        kind = "database" if isinstance(error, DatabaseError) else "internal"
        plain = _Plain(Text("Something went wrong on our side.", "服务器内部错误。"), code=kind)
        plain.status = 500
    return problem(plain, request)
