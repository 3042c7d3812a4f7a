"""What a new schema does to what is stored."""

from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.schema_diff import Kind, Risk, schema_diff, worst_risk
from forms_engine.kernel.text import Text


def diff(old, new):
    return {(c.kind, c.risk, c.name) for c in schema_diff(Schema(tuple(old)), Schema(tuple(new)))}


def one(old, new):
    """Differences between two versions of one field."""
    return {(c.kind, c.risk) for c in schema_diff(Schema((old,)), Schema((new,)))}


def test_fields_come_and_go():
    a, b = FieldSpec("a", "text"), FieldSpec("b", "text", required=True)
    assert diff([a], [a]) == set()
    assert diff([a], [a, b]) == {(Kind.ADDED, Risk.CHECK, "b")}
    assert diff([a], [a, b.but(default="x")]) == {(Kind.ADDED, Risk.NONE, "b")}
    assert diff([a, b], [a]) == {(Kind.REMOVED, Risk.LOSS, "b")}


def test_a_rename_is_known_by_the_stable_id():
    old = FieldSpec("heat", "text", id="f1")
    assert one(old, FieldSpec("heat_no", "text", id="f1", label=old.label)) == {(Kind.RENAMED, Risk.NONE)}
    assert diff([old], [FieldSpec("heat_no", "text")]) == {
        (Kind.ADDED, Risk.NONE, "heat_no"),
        (Kind.REMOVED, Risk.LOSS, "heat"),
    }


def test_a_change_of_type_converts_unless_everything_fits():
    text = FieldSpec("a", "text")
    assert one(text, text.but(type="long_text")) == {(Kind.RETYPED, Risk.CHECK)}
    assert one(text, text.but(type="integer")) == {(Kind.RETYPED, Risk.CONVERT)}


def test_limits_are_tightened_or_loosened():
    number = FieldSpec("a", "integer", options={"min": 1, "max": 10})
    assert one(number, number.but(options={"min": 2, "max": 10})) == {(Kind.TIGHTENED, Risk.CHECK)}
    assert one(number, number.but(options={"min": 0, "max": 10})) == {(Kind.LOOSENED, Risk.NONE)}
    assert one(number, number.but(options={})) == {(Kind.LOOSENED, Risk.NONE)}
    assert one(number, number.but(options={"min": 0, "max": 9})) == {
        (Kind.LOOSENED, Risk.NONE),
        (Kind.TIGHTENED, Risk.CHECK),
    }
    choice = FieldSpec("c", "choice", options={"choices": ["a", {"value": "b"}]})
    assert one(choice, choice.but(options={"choices": "a\nb\nc"})) == {(Kind.LOOSENED, Risk.NONE)}
    assert one(choice, choice.but(options={"choices": ["a"]})) == {(Kind.TIGHTENED, Risk.CHECK)}


def test_required_unique_and_index():
    field = FieldSpec("a", "text")
    assert one(field, field.but(required=True, unique=True, index=True)) == {
        (Kind.REQUIRED, Risk.CHECK),
        (Kind.UNIQUE, Risk.CHECK),
        (Kind.INDEX, Risk.NONE),
    }
    assert one(field.but(required=True), field.but(label=Text("B", "乙"))) == {
        (Kind.OPTIONAL, Risk.NONE),
        (Kind.RELABELLED, Risk.NONE),
    }


def test_a_changed_formula_is_computed_anew():
    formula = FieldSpec("a", "formula", options={"formula": "1"})
    assert one(formula, formula.but(options={"formula": "2"})) == {(Kind.RECOMPUTED, Risk.NONE)}
    assert one(formula, formula.but(options={"formula": "1", "result": "text"})) == {
        (Kind.RECOMPUTED, Risk.CONVERT)
    }


def test_the_worst_risk_decides():
    assert worst_risk([]) == Risk.NONE
    old = Schema((FieldSpec("a", "text"), FieldSpec("b", "text")))
    assert worst_risk(schema_diff(old, Schema((FieldSpec("a", "integer"),)))) == Risk.LOSS
