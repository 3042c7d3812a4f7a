"""How a task is answered and what a record's own page says of the cases about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from forms_engine.access.actor import Actor
from forms_engine.core.entity import Entity
from forms_engine.kernel.text import Text as T
from forms_engine.workflows.selectors import RESULTS, RecordCase, TaskPage, Wait, cases_seen
from forms_engine.workflows.selectors.picture import HistoryLine, InstancePicture

VERDICTS = {
    "approve": (T("Approve", "同意"), "check", "btn-primary"),
    "submit": (T("Submit", "提交"), "check", "btn-primary"),
    "return": (T("Return", "退回"), "arrow-back-up", ""),
    "reject": (T("Reject", "拒绝"), "x", "btn-danger"),
}
MOST_NAMES = 5
_TONES = {"approved": "ok", "completed": "ok", "rejected": "short", "terminated": "short", "returned": "risk"}
_NOBODY = T("the flow", "流程")


def answers(page: TaskPage, language: str) -> dict[str, Any]:
    """Return what the form of a task offers: its answers and where it may be returned to."""
    return {
        "verdicts": [
            {
                "key": key,
                "label": VERDICTS[key][0].in_language(language),
                "icon": VERDICTS[key][1],
                "css": VERDICTS[key][2],
            }
            for key in ("approve", "submit", "return", "reject")
            if key in page.verdicts and page.may_answer
        ],
        "targets": [{"key": key, "label": title.in_language(language)} for key, title in page.targets],
    }


def steps(picture: InstancePicture, language: str, *, with_people: bool = True) -> list[dict[str, str]]:
    """Return the steps of a case as `parts/_steps.html` draws them."""
    return [
        {
            "label": node.title.in_language(language),
            "state": {"current": "now", "passed": "done", "stuck": "now"}.get(node.state, "ahead"),
            "note": ", ".join(node.people) if with_people else "",
        }
        for node in picture.nodes
    ]


def record_cases(actor: Actor, noun: Entity, pk: UUID, language: str) -> list[dict[str, Any]]:
    """Return the cases about a record this person may see, for `web/_cases.html`."""
    return [_case(one, language) for one in cases_seen(actor, noun.key, pk)]


def _case(one: RecordCase, language: str) -> dict[str, Any]:
    case, is_running = one.instance, one.instance.ended_at is None
    result = RESULTS.get(case.result, T.of(case.result or "–"))
    return {
        "id": str(case.pk),
        "flow": one.flow.in_language(language),
        "is_running": is_running,
        "word": str(case.get_status_display()) if is_running else result.in_language(language),
        "tone": ("short" if case.is_stuck else "risk") if is_running else _TONES.get(case.result, "idle"),
        "at": case.started_at if is_running else case.ended_at,
        "steps": steps(one.picture, language, with_people=False) if is_running else [],
        "waits": [_wait(wait, language, hides_people=one.hides_people) for wait in one.waits],
        "entries": [_entry(line, one, language) for line in one.picture.history],
        "tasks": [_task(page, language) for page in one.mine],
    }


def _wait(wait: Wait, language: str, *, hides_people: bool) -> dict[str, Any]:
    names = [] if hides_people else list(wait.people)
    return {
        "step": wait.step.in_language(language),
        "people": ", ".join(names[:MOST_NAMES]),
        "more": max(0, len(names) - MOST_NAMES),
        "roles": ", ".join(role.in_language(language) for role in wait.roles),
        "since": wait.since,
        "sentence": "" if wait.people else wait.sentence.in_language(language),
    }


def _entry(line: HistoryLine, one: RecordCase, language: str) -> dict[str, Any]:
    what = line.verb.in_language(language)
    step = line.step.in_language(language)
    if step and line.person:
        what = T("%(verb)s at “%(step)s”", "在“%(step)s”%(verb)s", verb=what, step=step).in_language(language)
    elif step:
        what = T("“%(step)s”: %(verb)s", "“%(step)s”：%(verb)s", verb=what, step=step).in_language(language)
    if line.round > 1:
        what += T(" (round %(n)s)", "（第 %(n)s 轮）", n=line.round).in_language(language)
    if line.target is not None and not one.hides_people:
        what += f" → {line.target.in_language(language)}"
    person = "" if one.hides_people else line.person
    return {
        "who": person or _NOBODY.in_language(language),
        "what": what,
        "at": line.at,
        "changes": [],
        "comment": line.comment,
    }


def _task(page: TaskPage, language: str) -> dict[str, Any]:
    """Return a task with its answers; one that opens fields of the record is filled in on its own page."""
    return {
        "id": str(page.task.pk),
        "turn": page.task.turn,
        "kind": str(page.task.get_kind_display()),
        "is_filled_in": "submit" in page.verdicts,
        **answers(page, language),
    }
