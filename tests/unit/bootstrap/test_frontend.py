"""The front end's stamp: a build counts only when it finished, and only for the sources it was made from."""

import pytest

from jit.config.boot import frontend


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A front end with one entry and an unstamped build."""
    source, dist = tmp_path / "frontend", tmp_path / "dist"
    (source / "entries").mkdir(parents=True)
    dist.mkdir()
    (source / "package-lock.json").write_text("{}")
    (source / "entries" / "one.js").write_text("export {}")
    monkeypatch.setattr(frontend, "FOLDER", source)
    monkeypatch.setattr(frontend, "DIST", dist)
    monkeypatch.setattr(frontend, "STAMP", dist / ".stamp")
    return source


def test_a_build_without_its_manifest_did_not_finish(folder):
    frontend.STAMP.write_text(frontend.fingerprint())
    assert not frontend.is_fresh()
    (frontend.DIST / "manifest.json").write_text("{}")
    assert frontend.is_fresh()


@pytest.mark.parametrize("changed", ["package-lock.json", "entries/one.js", "entries/new.js"])
def test_any_changed_source_makes_the_build_stale(folder, changed):
    (frontend.DIST / "manifest.json").write_text("{}")
    frontend.STAMP.write_text(frontend.fingerprint())
    (folder / changed).write_text("changed")
    assert not frontend.is_fresh()


def test_modules_of_another_lock_file_are_no_modules(folder):
    (folder / "node_modules").mkdir()
    assert frontend.modules_are_missing()
    (folder / "node_modules" / ".takt").write_text(frontend.lock_hash())
    assert not frontend.modules_are_missing()
    (folder / "package-lock.json").write_text('{"other": 1}')
    assert frontend.modules_are_missing()


def test_a_node_that_does_not_run_has_no_version():
    assert frontend.node_version("/no/such/node") == 0
