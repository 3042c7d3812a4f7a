"""What the table asks is told with everything else that is wrong."""

from decimal import Decimal

from forms_engine.base.discovery import discover
from forms_engine.fields.base import CleanContext
from forms_engine.fields.clean import clean
from forms_engine.kernel.conditions import Check, Compared, Empty, Named, Not, Some
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text

discover()
ORDER = Text("Low must be at most High.", "下限不得大于上限。")
SCHEMA = Schema(
    (
        FieldSpec("name", "text", Text("Name", "名称"), required=True),
        FieldSpec("low", "decimal", Text("Low", "下限")),
        FieldSpec("high", "decimal", Text("High", "上限")),
        FieldSpec("reason", "text", Text("Reason", "原因")),
        FieldSpec("done", "integer", Text("Done", "完成"), read_only=True),
    ),
    checks=(
        Check(Compared("low", "lte", Named("high")), ("low", "high"), ORDER, "low_high"),
        Check(
            Compared("low", "gt", Decimal(0)), ("low",), Text("Low is more than 0.", "下限须大于 0。"), "low"
        ),
        Check(
            Some((Compared("low", "lt", Decimal(50)), Not(Empty("reason")))),
            ("low", "reason"),
            Text("A reason is needed.", "须填写原因。"),
            "low_reason",
        ),
        Check(Compared("done", "lte", Named("high")), ("done", "high"), Text("Done.", "完成。"), "done_high"),
    ),
)


def told(raw, record=None, partial=False):
    found = clean(SCHEMA, raw, ctx=CleanContext(record=record or {}), partial=partial)
    return [(error.field, error.code, error.params.get("constraint")) for error in found.errors]


def test_every_broken_check_comes_with_the_other_errors_at_its_field():
    assert told({"name": "", "low": "-3", "high": "-4"}) == [
        ("name", "value.required", None),
        ("high", "value.not_allowed", "low_high"),
        ("low", "value.not_allowed", "low"),
    ]
    assert told({"name": "x", "low": "3", "high": "3"}) == []


def test_a_sentence_is_there_in_both_languages():
    (error,) = clean(SCHEMA, {"name": "x", "low": "3", "high": "2"}).errors
    assert (error.in_language("en"), error.in_language("zh-hans")) == (ORDER.en, ORDER.zh)


def test_a_field_that_cannot_be_read_breaks_nothing_else():
    assert told({"name": "x", "low": "3", "high": "many"}) == [("high", "number.format", None)]
    assert told({"high": "many"}, {"low": Decimal(9), "high": Decimal(1)}, partial=True) == [
        ("high", "number.format", None)
    ]


def test_what_was_not_sent_may_yet_be_filled_but_what_was_emptied_is_empty():
    assert told({"name": "x", "low": "60"}) == []
    assert told({"name": "x", "low": "60", "reason": ""}) == [("reason", "value.not_allowed", "low_reason")]


def test_a_change_is_asked_with_what_stands_and_told_at_what_was_sent():
    stored = {"low": Decimal(5), "high": Decimal(9), "done": 7}
    assert told({"low": "12"}, stored, partial=True) == [("low", "value.not_allowed", "low_high")]
    assert told({"low": "12", "high": "13"}, stored, partial=True) == []
    assert told({"high": "6"}, stored, partial=True) == [("high", "value.not_allowed", "done_high")]
    broken = {"low": Decimal(5), "high": Decimal(1)}
    assert told({"name": "y"}, broken, partial=True) == []
