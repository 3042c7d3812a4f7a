"""The virtual environment: what makes its stamp stale, and what counts as installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jit.config.boot import venv
from jit.config.boot.messages import CannotStart


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


def half_made(place):
    """Leave what `python -m venv` leaves when it has no ensurepip: a Python that runs, without pip."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    return place / "bin" / "python"


@pytest.fixture
def outside(checkout, monkeypatch):
    """The checkout as a bare Python sees it that is not yet inside the environment."""
    monkeypatch.setattr(venv, "FOLDER", checkout / ".venv")
    return checkout


def test_an_environment_without_pip_is_made_again(outside, monkeypatch):
    place = outside / ".venv"
    assert not venv.is_whole(half_made(place))
    venv.stamp_write(place, "requirements.txt")
    made = []
    monkeypatch.setattr(venv, "create", made.append)
    monkeypatch.setattr(venv, "install", lambda *_: None)
    venv.ensure("requirements.txt")
    assert made == [place.resolve()]


def test_an_environment_whose_base_became_another_version_is_made_again(outside):
    python = half_made(outside / ".venv")
    packages = next((outside / ".venv" / "lib").glob("python3*/site-packages"))
    (packages / "pip").mkdir()
    (packages / "pip" / "__init__.py").touch()
    assert venv.is_whole(python)
    packages.parent.rename(packages.parent.with_name("python3.2"))
    assert not venv.is_whole(python)
    python.unlink()
    python.symlink_to("/no/such/python")
    assert not venv.is_whole(python)


def failing(said, status=1):
    """Return a subprocess.run that fails with these words."""
    return lambda command, **_: subprocess.CompletedProcess(command, status, said, "")


@pytest.mark.parametrize(
    ("said", "has_ensurepip", "sentence"),
    [
        ("ensurepip is not available", False, "sudo apt-get install python3"),
        ("OSError: [Errno 28] No space left on device", True, "The disk is full"),
        ("something else", True, "the reason is above"),
    ],
)
def test_a_failed_creation_names_its_reason_and_leaves_nothing(
    outside, monkeypatch, said, has_ensurepip, sentence
):
    monkeypatch.setattr(venv, "runs_as_root", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(subprocess, "run", failing(said))
    if not has_ensurepip:
        monkeypatch.setattr(venv.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CannotStart, match=sentence):
        venv.create(outside / ".venv")
    assert not (outside / ".venv").exists()


def test_a_download_that_filled_the_disk_does_not_blame_the_network(outside, monkeypatch):
    monkeypatch.setattr(venv, "watched", lambda command: (1, ["ERROR: [Errno 28] No space left on device"]))
    with pytest.raises(CannotStart, match="The disk is full"):
        venv.install(Path(sys.executable), outside / ".venv", "requirements.txt")
