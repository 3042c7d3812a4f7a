"""A start that fails says one clear thing with its mend, in both languages, and exits unequal 0."""

import errno
import re
import socket
import subprocess
import sys

import pytest

from jit.config.boot import paths, ports
from jit.config.boot.messages import CannotStart, explain
from jit.config.boot.paths import ROOT, SOCKET_PATH_LIMIT, memory_folder, socket_folder
from jit.config.boot.processes import command_line

#: What a machine may be that Takt does not run on → the words of both languages.
ELSEWHERE = {
    "sys.version_info = (3, 9, 2)": ("需要 Python 3.11", "this is 3.9"),
    "sys.platform = 'win32'": ("WSL 2（wsl --install）", "runs on Linux and macOS"),
    "sys.platform = 'darwin'; platform.machine = lambda: 'x86_64'": ("Apple 芯片", "Apple silicon"),
}


@pytest.mark.parametrize("pretended", ELSEWHERE)
def test_where_it_cannot_run_is_said_before_anything_else(pretended):
    code = f"import sys, platform; {pretended}; exec(open('manage.py').read())"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert all(words in answer.stderr for words in ELSEWHERE[pretended])
    assert "Traceback" not in answer.stderr


def test_the_bootstrap_imports_nothing_but_the_standard_library():
    code = "import sys; import jit.config.boot.commands as _; print('\\n'.join(m for m in sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    rooms = {name.split(".")[0] for name in answer.stdout.split()}
    strangers = rooms - set(sys.stdlib_module_names) - {"jit", "__main__", "_distutils_hack", "_virtualenv"}
    assert strangers == set()


@pytest.mark.parametrize(
    ("number", "mend"),
    [
        (errno.ENOSPC, "TAKT_DATA=FOLDER"),
        (errno.EACCES, "TAKT_DATA=FOLDER"),
        (errno.EROFS, "TAKT_DATA=FOLDER"),
        (errno.EIO, "operating system"),
    ],
)
def test_what_the_system_refuses_is_explained(number, mend):
    sentence = explain(OSError(number, "refused", "/data/pg"))
    assert mend in str(sentence)
    assert any("一" <= letter <= "鿿" for letter in sentence.chinese)


def test_an_occupied_port_is_passed_over_or_named_with_a_free_one():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"Port {port} is occupied. Take another: --port \d+"):
            ports.choose("127.0.0.1", port)
    wished = ports.choose("127.0.0.1", None)
    with socket.create_server(("127.0.0.1", wished)):
        chosen = ports.choose("127.0.0.1", None)
    assert chosen != wished
    assert ports.LOWEST <= chosen <= ports.LAST


def test_a_long_path_gets_a_short_socket(tmp_path):
    near = socket_folder(tmp_path, "valkey.sock")
    assert tmp_path in near.parents
    deep = tmp_path / ("x" * 90)
    assert deep not in socket_folder(deep, "valkey.sock").parents
    assert len(str(socket_folder(deep, "valkey.sock") / "valkey.sock")) <= SOCKET_PATH_LIMIT


def test_a_folder_no_server_address_can_hold_gets_another_socket(tmp_path):
    for name in ("a,b", 'say "x"', "it's"):
        assert tmp_path / name not in socket_folder(tmp_path / name, "valkey.sock").parents


def test_a_throw_away_database_goes_to_memory_where_there_is_room_for_it(tmp_path, monkeypatch):
    memory, data = tmp_path / "shm", tmp_path / "data"
    assert memory_folder(data, memory) == data, "no such thing on this system"
    memory.mkdir()
    monkeypatch.setattr(paths, "MEMORY_FREE", 1 << 80)
    assert memory_folder(data, memory) == data
    monkeypatch.setattr(paths, "MEMORY_FREE", 0)
    chosen = memory_folder(data, memory)
    assert chosen.parent == memory and chosen != memory_folder(tmp_path / "other", memory)
    monkeypatch.setattr(paths, "MEMORY_FREE", 1 << 80)
    assert memory_folder(data, memory) == chosen, "the cluster in it is found again"
    monkeypatch.setattr("os.geteuid", lambda: chosen.stat().st_uid + 1)
    assert memory_folder(data, memory) == data, "a folder of somebody else"


def test_a_place_in_the_checkout_is_not_mended_by_another_data_folder():
    for number in (errno.EACCES, errno.ENOSPC):
        where = str(ROOT / ".venv.lock") if number == errno.EACCES else str(ROOT)
        sentence = explain(OSError(number, "refused", where))
        assert "TAKT_DATA" not in str(sentence)
        assert "copy" in sentence.english


def test_a_python_2_is_told_so_too():
    manage = (ROOT / "manage.py").read_text(encoding="utf-8")
    assert re.match(r"^[ \t\f]*#.*?coding[:=][ \t]*utf-8", manage.splitlines()[1])


def test_an_unknown_process_is_refused_with_the_names_there_are():
    with pytest.raises(CannotStart, match="web, live, worker, scheduler"):
        command_line("webb", {})


def test_a_wrong_benchmark_names_the_right_ones():
    answer = subprocess.run(
        [sys.executable, "manage.py", "run"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert "Which process?" in answer.stderr
