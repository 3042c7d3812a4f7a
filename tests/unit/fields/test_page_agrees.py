"""While somebody types, the page shows what the server will compute and demand."""

import datetime as dt
import random

from forms_engine.base.discovery import discover
from forms_engine.fields.base import CleanContext, type_of
from forms_engine.fields.clean import clean
from forms_engine.forms.render import quick_spec
from forms_engine.kernel.schema import FieldSpec, Rule, Schema, Section
from forms_engine.kernel.text import Text
from tests.fx_wire import node_run

discover()

SCHEMA = Schema(
    fields=(
        FieldSpec("quantity", "quantity"),
        FieldSpec("price", "decimal"),
        FieldSpec("state", "choice", options={"choices": "open\nheld"}),
        FieldSpec("start", "date"),
        FieldSpec("due", "date"),
        FieldSpec("urgent", "boolean"),
        FieldSpec("reason", "text", required_when='state = "held"', visible_when='state = "held" OR urgent'),
        FieldSpec("total", "formula", options={"formula": "quantity * price", "decimals": 2}),
        FieldSpec("share", "formula", options={"formula": "price / quantity", "decimals": 4}),
        FieldSpec(
            "words", "formula", options={"formula": 'IF(total > 100, "big " & total)', "result": "text"}
        ),
        FieldSpec("reminder", "formula", options={"formula": "due - 3", "result": "date"}),
        FieldSpec("late", "formula", options={"formula": "due < TODAY()", "result": "boolean"}),
        FieldSpec("note", "text", read_only_when="late"),
        FieldSpec("extra", "text"),
    ),
    sections=(Section(Text("Extra", "附加"), ("extra",), visible_when="total > 50"),),
    rules=(
        Rule("due >= start", Text("Due before start.", "交期早于开始。"), "due", "order.dates"),
        Rule(
            "NOT (urgent AND ISBLANK(due))",
            Text("Urgent needs a day.", "加急需填写日期。"),
            "due",
            "order.urgent",
        ),
    ),
)
CTX = CleanContext(now=dt.datetime(2026, 11, 24, 17, tzinfo=dt.UTC), user="李雷")


def random_form(rng):
    """A sheet as a person may have filled it in so far."""
    return {
        "quantity": rng.choice(["", "0", "3", "12.5", "7", "0.000001"]),
        "price": rng.choice(["", "2.5", "100", "0.333333", "-4"]),
        "state": rng.choice(["", "open", "held"]),
        "start": rng.choice(["", "2026-11-20", "2026-12-24"]),
        "due": rng.choice(["", "2026-11-24", "2026-11-25", "2027-01-01"]),
        "urgent": rng.choice([True, False]),
        "reason": rng.choice(["", "strike"]),
    }


def test_the_page_shows_what_the_server_will_say():
    fields = quick_spec(SCHEMA)["fields"]
    around = {"now": int(CTX.now.timestamp() * 1000), "user": CTX.user, "zone": "Asia/Shanghai"}
    rng = random.Random(5)
    forms = [random_form(rng) for _ in range(400)]
    answers = node_run(
        [{"fields": fields, "raws": form, "around": around} for form in forms], "formrules_batch.mjs"
    )
    seen = set()
    for form, answer in zip(forms, answers, strict=True):
        result = clean(SCHEMA, form, ctx=CTX)
        for name, text in answer["computed"].items():
            value = result.values[name]
            if text.startswith("#"):
                assert value is None, "an error is shown by its code and stored empty"
                continue
            dumped = "" if value is None else type_of(SCHEMA[name]).dump(value)
            assert text == ({True: "TRUE", False: "FALSE"}[dumped] if isinstance(dumped, bool) else dumped)
        demanded = any(error.field == "reason" for error in result.errors)
        assert demanded == (answer["required"]["reason"] and not form["reason"])
        seen |= {("demanded", demanded), ("visible", answer["visible"]["reason"])}
    assert len(seen) == 4, "both answers occurred"
