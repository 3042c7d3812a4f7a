"""The dock's counting form as it was sent: what goes to the action, which fault belongs to which line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from forms_engine.kernel.errors import MesError


@dataclass(frozen=True)
class Typed:
    """What the counting form holds, by the id of the line: its count, what of it is not good, and why."""

    counts: dict[str, str]
    blocked: dict[str, str]
    reasons: dict[str, str]
    remark: str

    @classmethod
    def of(cls, request: HttpRequest) -> Typed:
        def named(head: str) -> dict[str, str]:
            return {name[len(head) :]: text for name, text in request.POST.items() if name.startswith(head)}

        blocked = {pk: text for pk, text in named("blocked-").items() if text.strip() not in ("", "0")}
        return cls(named("count-"), blocked, named("reason-"), request.POST.get("remark", ""))

    @property
    def raw(self) -> dict[str, Any]:
        """The input of `supply.shipment.receive`."""
        return {
            "counted": [{"id": line, "received_quantity": text} for line, text in self.counts.items()],
            "blocked": [
                {"line": line, "quantity": text, "reason": self.reasons.get(line, "")}
                for line, text in self.blocked.items()
            ],
            "remark": self.remark,
        }

    def faults(self, refusal: MesError) -> dict[str, dict[str, str]]:
        """Return what is wrong with each line's count and with its blocked part, by the id of the line."""
        found: dict[str, dict[str, str]] = {"counted": {}, "blocked": {}}
        lines = {"counted": list(self.counts), "blocked": list(self.blocked)}
        for error in refusal.errors:
            table, _, rest = (error.field or "").partition(".")
            index = rest.partition(".")[0]
            if index.isdecimal() and int(index) < len(lines.get(table, ())):
                found[table][lines[table][int(index)]] = str(error.message)
        return found
