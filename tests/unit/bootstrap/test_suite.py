"""The browser of the tests: found, refused, or asked for before anything is installed."""

import pytest

from jit.config.boot import commands, suite, venv
from jit.config.boot.messages import CannotStart


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A machine of an ordinary user without any browser; returns the only folder on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("TAKT_CHROMIUM", raising=False)
    monkeypatch.setattr(suite, "MAC_BROWSERS", ())
    monkeypatch.setattr(suite, "runs_as_root", lambda: False)
    return tmp_path


def test_without_a_browser_nothing_is_installed_and_the_mend_is_named(bare, monkeypatch, capsys):
    monkeypatch.setattr(commands.signal, "signal", lambda *_: None)
    monkeypatch.setattr(venv, "ensure", lambda _: pytest.fail("installed before it asked"))
    assert commands.main(["test"]) == 1
    said = capsys.readouterr().err
    assert "sudo apt-get install chromium" in said and "TAKT_CHROMIUM=PATH" in said and "浏览器" in said


@pytest.mark.parametrize(("status", "is_taken"), [(0, True), (1, False)])
def test_a_browser_that_only_asks_for_a_snap_is_none(bare, status, is_taken):
    program = bare / "chromium-browser"
    program.write_text(f"#!/bin/sh\nexit {status}\n")
    program.chmod(0o755)
    assert (suite.browser_find() == str(program)) is is_taken


def test_a_browser_named_wrongly_is_told_so(bare, monkeypatch):
    monkeypatch.setenv("TAKT_CHROMIUM", "/no/such/chromium")
    with pytest.raises(CannotStart, match="/no/such/chromium is no program"):
        suite.browser()
