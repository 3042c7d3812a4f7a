"""What a start tells of its phases, and what the benchmark of a start makes of it."""

from bench.start import report
from jit.config.boot import phases


def test_phases_are_read_out_of_everything_a_start_says():
    said = "[takt] x\n[phase] 0.250 virtual environment\n  web | [phase]\n[phase] 1.000 servers\n"
    assert phases.read(said) == {"virtual environment": 0.25, "servers": 0.75}
    assert phases.read("") == {}


def test_the_beginning_is_noted_once_and_only_when_asked(monkeypatch, capsys):
    environment = {}
    phases.begin(environment)
    assert environment == {}
    environment = {phases.VARIABLE: "1"}
    phases.begin(environment)
    first = dict(environment)
    phases.begin(environment)
    assert environment == first != {phases.VARIABLE: "1"}
    monkeypatch.delenv(phases.VARIABLE, raising=False)
    phases.mark("servers")
    assert capsys.readouterr().err == ""
    monkeypatch.setenv(phases.VARIABLE, first[phases.VARIABLE])
    phases.mark("servers")
    assert list(phases.read(capsys.readouterr().err)) == ["servers"]


def test_the_report_compares_the_least_of_both_sides():
    text = report([3.5, 3.0], [2.0, 2.5], {"servers": 0.25})
    assert "ratio 1.50" in text and "+1.00 s" in text and "servers 0.25" in text
    assert "2.00 2.50" in text and "3.00 3.50" in text
