"""Refusals and faults as pages of the design, with an incident number that stands in the log too."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text as T

log = logging.getLogger("takt.web")
TITLES = {
    400: T("That request cannot be read", "无法识别的请求"),
    403: T("You may not do this", "没有权限"),
    404: T("Not found", "未找到"),
    409: T("Somebody was faster", "数据已变化"),
    422: T("Something needs a change", "请修改后重试"),
    429: T("Too many tries", "尝试次数过多"),
    500: T("Something went wrong on our side", "系统出错"),
    503: T("Not available just now", "暂时不可用"),
}


def error_response(request: HttpRequest, ask: Callable[[], HttpResponse]) -> HttpResponse:
    """Answer with the view, or with the page of its refusal."""
    try:
        return ask()
    except MesError as refusal:
        return error_page(
            request, refusal.status, refusal.in_language(translation.get_language()), refusal.code
        )


def error_page(
    request: HttpRequest,
    status: int,
    message: str = "",
    code: str = "",
    *,
    title: T | None = None,
    again: str = "",
) -> HttpResponse:
    """Return the page of a refusal; a fragment for a swap, whole otherwise.

    Args:
        title: what happened, where the status alone would say something else.
        again: address at which the person can go on; "" = none.
    """
    context = {
        "status": status,
        "title": str(title or TITLES.get(status, TITLES[500])),
        "again": again,
        "message": message,
        "code": code,
        "incident": getattr(request, "id", ""),
    }
    name = "web/_error.html" if request.headers.get("HX-Request") else "web/error.html"
    return render(request, name, context, status=status)


def not_found(request: HttpRequest, exception: Http404 | None = None) -> HttpResponse:
    """Handler 404."""
    return error_page(request, 404)


def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Handler 403."""
    return error_page(request, 403)


def broken(request: HttpRequest) -> HttpResponse:
    """Handler 500: the number on the page finds the traceback in the log."""
    return error_page(request, 500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long, or came from elsewhere."""
    log.warning("csrf refused: %s", reason)
    return error_page(
        request,
        403,
        str(
            T(
                "Nothing was saved. Open it again: what you had typed is offered there.",
                "内容未保存。请重新打开页面，已填写的内容可在页面上恢复。",
            )
        ),
        title=T("This page was open too long", "页面已过期"),
        again=request.path,
    )
