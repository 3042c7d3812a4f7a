"""A definition as a file: read, written, compared, refused with every fault at once."""

import pytest

from forms_engine.kernel.errors import ErrorList
from forms_engine.workflows.engine.graph import Graph
from tests.unit.workflows.stage import TYPES, flow, node, plan_approval


def test_a_flow_survives_yaml_and_json():
    graph = plan_approval()
    assert Graph.from_yaml(graph.to_yaml(), types=TYPES) == graph
    assert Graph.load(graph.dump(), types=TYPES).digest == graph.digest


def test_moving_a_node_on_the_page_changes_nothing():
    drawn = plan_approval().dump()
    drawn["nodes"][1]["at"] = [40, 80]
    moved = Graph.load(drawn, types=TYPES)
    assert moved.digest == plan_approval().digest
    assert moved.node("approve").at == (40, 80)


def test_every_fault_of_shape_is_named_at_once():
    bad = {
        "slug": "Plan approval",
        "colour": "red",
        "settings": {"max_rounds": 0},
        "nodes": [
            {"id": "start", "type": "start", "next": {"out": 3}},
            {"id": "start", "type": "end"},
            "what",
        ],
    }
    with pytest.raises(ErrorList) as caught:
        Graph.load(bad)
    paths = {error.field for error in caught.value.errors}
    assert paths == {"slug", "colour", "settings.max_rounds", "nodes.0.next", "nodes.1.id", "nodes.2"}


YES_AND_NO = """slug: ask
title: {en: Yes, zh: 问}
nodes:
  - {id: start, type: start, next: {out: size}}
  - {id: size, type: condition, options: {branches: [{port: on, when: "TRUE"}]}, next: {on: yes, default: no}}
  - {id: yes, type: end}
  - {id: no, type: end, title: Off}
"""


def test_words_yaml_takes_for_true_and_false_are_named_with_the_mend():
    with pytest.raises(ErrorList) as caught:
        Graph.from_yaml(YES_AND_NO)
    told = [(one.field, one.in_language("en").rpartition(": ")[2]) for one in caught.value.errors]
    assert {one.code for one in caught.value.errors} == {"workflows.graph.unquoted"}
    assert ("nodes.2.id", '"yes"') in told and ("nodes.3.id", '"no"') in told
    fields = [field for field, _ in told]
    assert set(fields) == {"title", "nodes.1.next", "nodes.1.options.branches", "nodes.2.id", "nodes.3.id",
                           "nodes.3.title"}  # fmt: skip
    words = next(one for one in caught.value.errors if one.field == "nodes.2.id")
    assert words.in_language("en").startswith("Node 3 (end): ") and 'id: "yes"' in words.in_language("en")
    assert words.in_language("zh").startswith("第 3 个节点（end）：") and "加上引号" in words.in_language(
        "zh"
    )
    mended = YES_AND_NO
    for word in ("Yes", "on", "yes", "no", "Off"):
        for before, after in ((": ", ","), (": ", "}"), ("{", ":")):
            mended = mended.replace(f"{before}{word}{after}", f'{before}"{word}"{after}')
    assert Graph.from_yaml(mended).node("yes").id == "yes"


@pytest.mark.parametrize("text", ["{", "- a\n- b", "", "nodes: []"])
def test_text_that_is_no_flow_is_refused(text):
    with pytest.raises(ErrorList):
        Graph.from_yaml(text)


def test_a_flow_knows_the_fields_it_speaks_of():
    graph = flow(
        node("start", "start", out="size", options={"trigger": "button", "when": "{state} = \"draft\""}),
        node("size", "condition", big="ask", default="end",
             options={"branches": [{"port": "big", "when": "{amount} * {price} > 10"}]}),
        node("ask", "fill_form", out="wait", options={"who": [{"kind": "field", "value": "owner"}]}),
        node("wait", "timer", out="tell", options={"date_field": "due"}),
        node("tell", "notify", out="end",
             options={"who": [{"kind": "initiator"}], "title": "{number} is due"}),
        node("end", "end"),
    )  # fmt: skip
    assert graph.names == {"state", "amount", "price", "owner", "due", "number"}


def test_defaults_are_filled_in_but_not_written_out():
    graph = plan_approval()
    assert graph.node("approve").options["forbid_self"] is True
    assert "forbid_self" not in graph.dump()["nodes"][1]["options"]
