"""The virtual environment: what makes its stamp stale, and what counts as installed."""

import sys
from pathlib import Path

import pytest

from jit.config.boot import venv


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with two requirements files, one including the other."""
    (tmp_path / "requirements.txt").write_text("Django==5.2.19\n")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\npytest==9.2.0\n")
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(venv, "ROOT", tmp_path)
    return tmp_path


def test_a_stamp_holds_until_a_file_it_was_made_from_changes(checkout):
    place = checkout / ".venv"
    assert not venv.stamp_is_fresh(place, "requirements-dev.txt")
    venv.stamp_write(place, "requirements-dev.txt")
    assert venv.stamp_is_fresh(place, "requirements-dev.txt")
    assert venv.stamp_is_fresh(place, "requirements.txt"), "the developer's set holds the plant's"
    (checkout / "requirements.txt").write_text("Django==5.2.20\n")
    assert not venv.stamp_is_fresh(place, "requirements-dev.txt")


def test_the_small_set_does_not_vouch_for_the_large_one(checkout):
    venv.stamp_write(checkout / ".venv", "requirements.txt")
    assert not venv.stamp_is_fresh(checkout / ".venv", "requirements-dev.txt")


def test_every_pin_of_ours_is_found_in_the_environment_that_runs_this_test():
    assert venv.missing_pins(Path(sys.prefix), "requirements-dev.txt") == []


def test_another_version_and_an_absent_package_are_missing(checkout):
    (checkout / "requirements.txt").write_text(
        "django==1.0\nno-such-package[extra]==2.0; sys_platform != 'win32'\n"
    )
    assert venv.missing_pins(Path(sys.prefix), "requirements.txt") == ["django==1.0", "no-such-package==2.0"]


def test_names_compare_as_registries_do():
    assert venv.canonical("Django_Filter.X") == venv.canonical("django-filter-x")
