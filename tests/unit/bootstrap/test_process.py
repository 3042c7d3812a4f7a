"""Pid files and children: no pid names a stranger, a dead child comes back, none outlives its parent."""

import os
import subprocess
import sys
import time

import pytest

from jit.config.boot import children, process


def until(condition, seconds=10.0):
    """Wait for a condition and tell whether it came true."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def test_a_pid_file_names_a_living_process(tmp_path):
    process.pid_file_write(tmp_path / "me.pid", os.getpid())
    assert process.pid_file_read(tmp_path / "me.pid") == os.getpid()


@pytest.mark.parametrize("text", ["", "rubbish", "{mine} 1", "999999999 5"])
def test_a_stale_or_torn_pid_file_names_nobody(tmp_path, text):
    (tmp_path / "other.pid").write_text(text.format(mine=os.getpid()))
    assert process.pid_file_read(tmp_path / "other.pid") is None


def test_a_zombie_is_not_alive():
    child = subprocess.Popen([sys.executable, "-c", ""])
    assert until(lambda: (process.stat_fields(child.pid) or ["gone"])[0] == "Z")
    assert not process.is_alive(child.pid)
    child.wait()


@pytest.fixture
def family(tmp_path):
    """A family without members; whatever a test starts is stopped."""
    made = children.Children(tmp_path)
    yield made
    made.stop_all()


def child(name, code):
    """Describe a Python child."""
    return children.Child(name, [sys.executable, "-c", code], dict(os.environ))


def test_a_child_that_ends_comes_back_after_a_growing_pause(family, capfd):
    failing = child("web", "print('hello'); raise SystemExit(3)")
    family.add(failing)
    end = time.monotonic() + 10
    while failing.pause < children.FIRST_PAUSE * 4 and time.monotonic() < end:
        family.tick(0.02)
    said = capfd.readouterr().out
    assert said.count("web | hello") == 2
    assert "（3）" in said


def test_the_helpers_of_a_child_are_stopped_with_it(family, tmp_path):
    note = tmp_path / "helper"
    code = (
        "import subprocess, sys, pathlib, time\n"
        "helper = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(helper.pid))\n"
        "time.sleep(60)"
    )
    family.add(child("worker", code))
    assert until(note.exists) and until(note.read_text)
    helper = int(note.read_text())
    family.stop_all()
    assert until(lambda: not process.is_alive(helper))


def test_what_a_killed_parent_left_is_stopped_by_the_next(family, tmp_path):
    orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    process.pid_file_write(tmp_path / "web.pid", orphan.pid)
    children.Children(tmp_path).clear_orphans(("web", "worker"))
    assert not process.is_alive(orphan.pid)
    assert not (tmp_path / "web.pid").exists()


def test_a_process_dies_with_its_parent():
    code = (
        "import os, subprocess, sys\n"
        "inner = 'import os, sys, time; from jit.config.boot.process import die_with_parent; "
        "die_with_parent(int(sys.argv[1])); print(os.getpid(), flush=True); time.sleep(60)'\n"
        "child = subprocess.Popen([sys.executable, '-c', inner, str(os.getpid())], stdout=subprocess.PIPE)\n"
        "print(child.stdout.readline().decode().strip(), flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if not sys.platform.startswith("linux"):
        pytest.skip("the kernel call exists on Linux only; elsewhere the next start clears orphans")
    assert until(lambda: not process.is_alive(int(answer.stdout)))
