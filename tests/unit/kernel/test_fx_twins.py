"""The Python and the browser evaluator are twins: the shared corpus, and random formulas through both."""

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest

from forms_engine.kernel.expressions import Env, formula_load, formula_loose, parse
from tests import fx_wire
from tests.fx_random import formulas

CORPUS = json.loads((fx_wire.ROOT / "tests/data/fx_cases.json").read_text("utf-8"))
NOW = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=CORPUS["now"])
USER = CORPUS["user"]


@pytest.mark.parametrize("case", CORPUS["cases"], ids=lambda case: case["src"])
def test_the_corpus_in_python(case):
    assert parse(case["src"]).ast == case["ast"], "the corpus keeps the tree of today's parser"
    values = {name: fx_wire.read(wire) for name, wire in case["values"].items()}
    env = Env(values, now=NOW, user=USER, zone=ZoneInfo(CORPUS["zone"]))
    assert fx_wire.write(formula_load({"ast": case["ast"]}).evaluate(env)) == case["result"]


def test_the_corpus_in_node():
    more = {key: CORPUS[key] for key in ("now", "zone", "user")}
    results = fx_wire.node_run([{**case, **more} for case in CORPUS["cases"]])
    assert [
        (case["src"], case["result"]) for case in CORPUS["cases"]
    ] == [(case["src"], result) for case, result in zip(CORPUS["cases"], results, strict=True)]  # fmt: skip


def test_five_thousand_random_formulas_give_the_same_in_python_and_in_node():
    cases, expected = [], []
    for source, values, zone in formulas(seed=20261124, count=5000):
        made = formula_loose.__wrapped__(source)
        result = made.evaluate(Env(values, now=NOW, user=USER, zone=ZoneInfo(zone)))
        expected.append((source, fx_wire.write(result)))
        wire = {name: fx_wire.write(values[name]) for name in made.deps}
        cases.append({"ast": made.ast, "values": wire, "now": CORPUS["now"], "zone": zone, "user": USER})
    results = fx_wire.node_run(cases)
    differing = [
        (source, wanted, got)
        for (source, wanted), got in zip(expected, results, strict=True)
        if wanted != got
    ]
    assert not differing, differing[:5]
    kinds = {wanted[0] if wanted else None for _, wanted in expected}
    assert kinds == {"n", "s", "b", "d", "m", "l", "e", None}, "every kind of result was compared"
    errors = sum(1 for _, wanted in expected if wanted and wanted[0] == "e")
    assert errors < 0.4 * len(expected), "most formulas give a value, not an error"
