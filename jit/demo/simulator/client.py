"""The public API as a robot uses it: one connection, bounded pace, every refusal an exception with words."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import httpx

ACTS_PER_SECOND = 5
Row = dict[str, Any]


class Refused(Exception):
    """The API said no, or could not be reached; `status` 0 = not reached."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Api:
    """The connection all robots share."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=f"{url}/api/v1/", trust_env=False, timeout=20)
        self._next = 0.0

    def breathe(self) -> None:
        """Wait so long that the plant is never flooded."""
        pause = self._next - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        self._next = time.monotonic() + 1 / ACTS_PER_SECOND

    def ask(self, method: str, path: str, token: str, **more: Any) -> Row:
        """Send one request and return its JSON. Raises: Refused."""
        headers = {"Authorization": f"Token {token}"} | more.pop("headers", {})
        try:
            answer = self.http.request(method, path, headers=headers, **more)
            data = answer.json() if answer.content else {}
        except (httpx.HTTPError, ValueError) as error:
            raise Refused(0, str(error) or type(error).__name__) from error
        if answer.is_error:
            raise Refused(answer.status_code, _words(data))
        return data if isinstance(data, dict) else {}


def _words(problem: Any) -> str:
    """Return the Chinese words of a problem document."""
    if not isinstance(problem, dict):
        return str(problem)[:200]
    said = [problem.get("title"), *(error.get("message") for error in problem.get("errors") or ())]
    return " ".join(str(one.get("zh", one)) if isinstance(one, dict) else str(one) for one in said if one)[
        :300
    ]


class Robot:
    """One simulated person with a token of their own."""

    def __init__(self, api: Api, name: str, token: str, user_id: str = "") -> None:
        self.api, self.name, self.token, self.user_id = api, name, token, user_id

    def rows(self, entity: str, *, where: Sequence[Any] = (), sort: str = "", size: int = 20) -> list[Row]:
        """Return the first page of a list. Raises: Refused."""
        asked: dict[str, str | int] = {"size": size}
        if where:
            asked["filter"] = json.dumps(["and", *where])
        if sort:
            asked["sort"] = sort
        return list(self.api.ask("GET", f"{entity}/", self.token, params=asked).get("results", ()))

    def read(self, path: str) -> Row:
        """Return one document. Raises: Refused."""
        return self.api.ask("GET", path, self.token)

    def act(self, path: str, values: Row | None = None) -> Row:
        """Do one thing, once. Raises: Refused."""
        self.api.breathe()
        key = {"Idempotency-Key": str(uuid4())}
        return self.api.ask("POST", path, self.token, json=values or {}, headers=key)
