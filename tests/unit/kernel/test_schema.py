"""Schemas are values: they compare, travel as JSON, and are checked all at once."""

import json
import pickle

import pytest

from forms_engine.kernel.errors import ErrorList, FieldError
from forms_engine.kernel.schema import FieldSpec, Rule, Schema, Section, UnknownField, schema_check
from forms_engine.kernel.text import Text

SCHEMA = Schema(
    fields=(
        FieldSpec("item", "text", Text("Item", "物料"), required=True, options={"max_length": 40}),
        FieldSpec("quantity", "quantity", Text("Quantity", "数量"), id="f7",
                  options={"unit": "PCE", "min": 0}),
        FieldSpec("state", "choice", Text("State", "状态"), default="open",
                  options={"choices": [{"value": "open", "label": Text("Open", "未清")}]}),
    ),
    sections=(Section(Text("Main", "主要"), ("item", "quantity"), visible_when="{state} = \"open\""),),
    rules=(Rule("{quantity} > 0", Text("More than none.", "必须大于零。"), field="quantity"),),
)  # fmt: skip


def test_a_schema_survives_json():
    data = json.loads(json.dumps(SCHEMA.dump()))
    again = Schema.load(data)
    assert again.dump() == data
    assert again.names == ("item", "quantity", "state")
    assert again["quantity"].label.in_language("zh") == "数量"
    assert again.sections == SCHEMA.sections
    assert again.rules == SCHEMA.rules


def test_fields_are_found_by_name_and_by_stable_id():
    assert SCHEMA["quantity"].id == "f7"
    assert SCHEMA.by_id("f7") is SCHEMA["quantity"]
    assert SCHEMA["item"].id == "item"
    assert "item" in SCHEMA
    assert SCHEMA.get("x") is None
    with pytest.raises(UnknownField):
        SCHEMA["x"]


def test_fields_outside_every_section_come_last():
    assert [s.fields for s in SCHEMA.laid_out()] == [("item", "quantity"), ("state",)]


def test_a_schema_can_be_copied_between_processes():
    again = pickle.loads(pickle.dumps(SCHEMA))  # noqa: S301
    assert again == SCHEMA
    assert again["item"] == SCHEMA["item"]


def test_every_mistake_is_listed_at_once():
    bad = Schema(
        fields=(
            FieldSpec("Item No", "text"),
            FieldSpec("id", "text"),
            FieldSpec("a", "nonsense"),
            FieldSpec("a", "text", id="other"),
        ),
        sections=(Section(Text("S"), ("ghost", "a", "a"), columns=9),),
        rules=(Rule("", Text(""), field="ghost"),),
    )
    with pytest.raises(ErrorList) as caught:
        schema_check(bad, types={"text"})
    codes = {e.code for e in caught.value}
    assert codes == {
        "schema.bad_name", "schema.reserved_name", "schema.unknown_type", "schema.duplicate_name",
        "schema.unknown_field", "schema.placed_twice", "schema.bad_columns", "schema.empty_rule",
        "schema.no_message",
    }  # fmt: skip
    schema_check(SCHEMA, types={"text", "quantity", "choice"})


def test_unknown_keys_in_a_definition_are_refused():
    with pytest.raises(FieldError) as caught:
        FieldSpec.load({"name": "a", "type": "text", "colour": "red"})
    assert caught.value.code == "schema.malformed"
