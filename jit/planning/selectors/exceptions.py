"""What each kind of plan exception means, in words a planner acts on."""

from __future__ import annotations

from typing import Any

from forms_engine.kernel.text import Text as T
from jit.planning.models import PlanException, PlanRun

WORDS: dict[str, tuple[T, T]] = {
    "PAST_DUE": (
        T("Should have started", "应已开始"),
        T("Start it now or move the need.", "立即开工或调整需求时间。"),
    ),
    "LATE": (
        T("Cannot arrive in time", "无法按时到货"),
        T("Earlier windows are over: expedite or call elsewhere.", "前面的时间窗已过：加急或换供应商。"),
    ),
    "OVERDUE_RECEIPT": (T("Overdue delivery", "逾期未到"), T("Ask where it is.", "催问到货。")),
    "STALE_RECEIPT": (
        T("Delivery too old to count", "逾期过久，不再计入"),
        T("Close it or confirm a date.", "关闭或确认新日期。"),
    ),
    "NO_BOM": (T("No valid BOM", "没有有效物料清单"), T("Release a revision.", "发布一个版本。")),
    "NO_SOURCE": (
        T("No supplier", "没有货源"),
        T("Approve a supplier with a valid agreement.", "准入供应商并签订有效协议。"),
    ),
    "FROZEN_SHORTAGE": (
        T("Short inside the frozen zone", "冻结期内短缺"),
        T("An emergency call needs a person.", "需人工发起紧急叫料。"),
    ),
    "FROZEN_EXCESS": (
        T("Too much inside the frozen zone", "冻结期内过量"),
        T("Cut it by hand if room is short.", "如场地不足，请人工削减。"),
    ),
    "UNCOVERED": (
        T("Nothing covers this need", "需求无供应覆盖"),
        T("No window is left before the horizon.", "计划期内没有可用时间窗。"),
    ),
    "PULL_IN": (T("Pull in", "建议提前"), T("Ask for it earlier.", "请供应商提前。")),
    "PUSH_OUT": (T("Push out", "建议推迟"), T("It is needed later.", "需求推迟，可延后。")),
    "CANCEL": (T("Not needed any more", "建议取消"), T("Cancel it.", "可取消。")),
    "SAFETY_BREACH": (
        T("Below safety stock", "低于安全库存"),
        T("Firm supply cures it in time.", "在途供应可补足。"),
    ),
    "UNRELEASED": (
        T("Proposal inside the frozen zone", "冻结期内有未下达建议"),
        T("Release it at once.", "请立即下达。"),
    ),
    "CYCLE": (T("Item is part of itself", "物料清单循环"), T("Correct the BOM.", "请更正物料清单。")),
}
#: What a run assumed where master data is missing; %(about)s = the supplier, line, dock or cycle.
WARNINGS: dict[str, T] = {
    "PLANT_HOURS": T(
        "%(about)s has no calendar: the plant's hours were taken.",
        "%(about)s 没有日历：按工厂工作时间计算。",
    ),
    "ALWAYS_OPEN": T(
        "%(about)s has no calendar, nor has the plant: taken as always open.",
        "%(about)s 和工厂都没有日历：按全天开放计算。",
    ),
    "NO_PACK": T("%(about)s has no packaging: single pieces are called.", "%(about)s 没有包装：按单件叫料。"),
    "NO_DOCK": T("%(about)s has no dock: the lane was left out.", "%(about)s 没有收货码头：未计入货源。"),
    "NO_WINDOWS": T(
        "%(about)s has no delivery hours: the lane was left out.", "%(about)s 没有送货时段：未计入货源。"
    ),
    "AGREEMENT_ENDS": T(
        "The agreement %(about)s ends inside the horizon: call-offs after its end cannot be released.",
        "协议 %(about)s 在计划期内到期：到期后的叫料单无法下达。",
    ),
}
TONES = {1: "short", 2: "risk", 3: "idle"}


def warnings_of(run: PlanRun | None) -> list[T]:
    """Return what a run had to assume, as sentences (pull.md 19)."""
    found = run.counts.get("warnings", ()) if run is not None else ()
    sentences = []
    for one in found:
        words = WARNINGS.get(one["kind"])
        if words is not None:
            sentences.append(words.with_params(about=one["about"]))
    return sentences


def words_of(row: PlanException, language: str) -> dict[str, Any]:
    """Return the words of an exception: what, advice, tone."""
    what, advice = WORDS.get(row.kind, (T(row.kind, row.kind), T("", "")))
    return {
        "what": what.in_language(language),
        "advice": advice.in_language(language),
        "tone": TONES.get(row.severity, "idle"),
    }


def exceptions_of_last_run(*, kind: str = "", limit: int = 500) -> tuple[PlanRun | None, list[PlanException]]:
    """Return the last finished run and its exceptions, worst first."""
    run = PlanRun.objects.filter(state=PlanRun.State.DONE).order_by("-finished_at").first()
    if run is None:
        return None, []
    rows = PlanException.objects.filter(run=run).select_related("item", "area", "supplier")
    if kind:
        rows = rows.filter(kind=kind)
    return run, list(rows.order_by("severity", "at")[:limit])
