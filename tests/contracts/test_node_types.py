"""What every node type promises, whoever wrote it: pure, sound, replays the same. Driven by the registry."""

import ast
import importlib
import inspect
import random
from collections.abc import Mapping
from dataclasses import replace

import pytest

from forms_engine.workflows.engine.effects import Effect
from forms_engine.workflows.engine.graph import Graph
from forms_engine.workflows.engine.proof import prove
from forms_engine.workflows.engine.step import fold
from forms_engine.workflows.engine.walk import walk
from tests.unit.workflows.stage import MORNING, NODE_TYPES

CASES = [(kind.key, number) for kind in NODE_TYPES for number in range(len(kind.examples))]
FACTS = (
    {},
    {"amount": 1, "owner": "chen", "due": MORNING, "number": "P-1"},
    {"amount": 500, "owner": None, "due": MORNING.date(), "number": "P-2"},
)
LOTS = {"random", "secrets", "time", "os", "uuid", "socket", "threading"}


class Watched(Mapping):
    """Facts that note which names were asked for."""

    def __init__(self, values):
        self.values_, self.asked = values, set()

    def __getitem__(self, name):
        self.asked.add(name)
        return self.values_[name]

    def __contains__(self, name):
        self.asked.add(name)
        return name in self.values_

    def get(self, name, default=None):
        self.asked.add(name)
        return self.values_.get(name, default)

    def __iter__(self):
        return iter(self.values_)

    def __len__(self):
        return len(self.values_)


def around(key: str, number: int) -> Graph:
    """Draw the smallest flow that shows a node type with one of its sets of options."""
    kind = NODE_TYPES.get(key)
    options = kind.examples[number]
    start = {"id": "start", "type": "start", "options": {"trigger": "button"}, "next": {"out": "shown"}}
    end = {"id": "end", "type": "end"}
    shown = {"id": "shown", "type": key, "options": options}
    if kind.is_start:
        start = shown | {"id": "start", "next": {"out": "end"}}
        nodes = [start, end]
    elif kind.is_end:
        nodes = [start, shown]
    else:
        filled = {spec.name: spec.default for spec in kind.options if spec.default is not None} | dict(
            options
        )
        nodes = [start, shown | {"next": dict.fromkeys(kind.ports(filled), "end")}, end]
    return Graph.load({"slug": "shown", "nodes": nodes})


def module_of(key: str):
    return importlib.import_module(NODE_TYPES.home(key))


@pytest.mark.parametrize("key", NODE_TYPES.keys())
def test_it_lives_in_a_file_of_its_own_name_and_says_what_it_is_for(key):
    kind, module = NODE_TYPES.get(key), module_of(key)
    assert module.__name__ == f"forms_engine.workflows.node_types.{key}"
    assert module.__doc__ and module.__doc__.strip().endswith(".")
    assert kind.label.en != kind.label.zh
    assert kind.svg.startswith("<")
    for spec in kind.options:
        assert spec.label.en != spec.label.zh, spec.name
    assert kind.examples


@pytest.mark.parametrize("key", NODE_TYPES.keys())
def test_it_reads_no_clock_and_draws_no_lots(key):
    tree = ast.parse(inspect.getsource(module_of(key)))
    roots = set()
    for item in ast.walk(tree):
        if isinstance(item, ast.Import):
            roots |= {name.name.split(".")[0] for name in item.names}
        elif isinstance(item, ast.ImportFrom):
            roots.add((item.module or "").split(".")[0])
        elif isinstance(item, ast.Attribute):
            assert item.attr not in ("now", "today", "utcnow"), f"{key} reads a clock in line {item.lineno}"
    assert not roots & LOTS


@pytest.mark.parametrize(("key", "number"), CASES)
def test_its_examples_are_sound(key, number):
    graph = around(key, number)
    proof = prove(graph)
    assert proof.is_sound, proof.problems
    kind = NODE_TYPES.get(key)
    node = graph.start if kind.is_start else graph.node("shown")
    ports = kind.ports(node.options)
    assert len(ports) == len(set(ports))
    assert all(outcome <= set(ports) for outcome in kind.outcomes(node.options))


@pytest.mark.parametrize(("key", "number"), CASES)
def test_every_walk_ends_and_replays_the_same(key, number):
    graph = around(key, number)
    for seed in range(12):
        played = walk(graph, random.Random(seed), at=MORNING, facts=FACTS)
        assert played.state.status == "done"
        assert fold(graph, played.signals) == played.state
        assert fold(Graph.load(graph.dump()), played.signals) == played.state


@pytest.mark.parametrize(("key", "number"), CASES)
def test_it_leaves_by_its_own_ways_and_asks_only_for_the_fields_it_names(key, number, monkeypatch):
    graph = around(key, number)
    kind = NODE_TYPES.get(key)
    named = graph.names
    original_enter, original_signal = type(kind).enter, type(kind).on_signal

    def watched(original):
        def call(self, ctx, *signal):
            facts = Watched(ctx.facts)
            effects = original(self, replace(ctx, facts=facts), *signal)
            again = original(self, replace(ctx, facts=Watched(ctx.facts)), *signal)
            assert effects == again, "the same question has the same answer"
            assert all(isinstance(effect, Effect) for effect in effects)
            assert facts.asked <= named, facts.asked
            ways = {effect.port for effect in effects if effect.kind == "leave"}
            assert ways in ({*()}, *(set(outcome) for outcome in kind.outcomes(ctx.options)))
            targets = {effect.target for effect in effects if effect.kind == "jump"}
            assert targets <= set(kind.jumps(ctx.options))
            return effects

        return call

    monkeypatch.setattr(type(kind), "enter", watched(original_enter))
    monkeypatch.setattr(type(kind), "on_signal", watched(original_signal))
    for seed in range(6):
        walk(graph, random.Random(seed), at=MORNING, facts=FACTS)
