"""The servers and the demo after kill -9: the next start recovers by itself and nothing committed is lost."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psycopg
import pytest
from redis import Redis

from jit.config.boot import postgres, services, valkey
from jit.config.boot.account import account_for_servers
from jit.config.boot.messages import CannotStart
from jit.config.boot.paths import ROOT, runs_as_root
from jit.config.boot.process import is_alive, pid_file_read, stat_fields

pytestmark = pytest.mark.services


def until(condition, seconds=20.0):
    """Wait for a condition and tell whether it came true."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


@pytest.fixture
def folder(monkeypatch):
    """A data folder a system user may enter (pytest's own are closed), and no outside servers."""
    made = Path(tempfile.mkdtemp(prefix="takt-fault-"))
    made.chmod(0o755)
    for name in [*services.LOGINS, "REDIS_URL", "TAKT_ADMIN_URL", "TAKT_DATA_FOLDER", "TAKT_REDIS_DB"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TAKT_DATA", str(made))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def plant(folder):
    """Both servers, durable as in a plant, stopped at the end."""
    made = services.services_for("demo")
    services.start(made)
    yield made
    services.stop(made)


def rows_written(plant):
    """Return the numbers committed to the table of these tests."""
    with psycopg.connect(plant.database.url("app_owner")) as connection:
        return [number for (number,) in connection.execute("SELECT n FROM kept ORDER BY n").fetchall()]


def write(plant, *numbers):
    """Commit numbers to the table of these tests."""
    with psycopg.connect(plant.database.url("app_owner")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        for number in numbers:
            connection.execute("INSERT INTO kept VALUES (%s)", [number])


def test_a_killed_postmaster_comes_back_with_every_committed_row(plant):
    write(plant, 1, 2, 3)
    os.kill(postgres.living(plant.database), signal.SIGKILL)
    assert until(lambda: not postgres.living(plant.database), 5)
    assert postgres.start(plant.database), "a dead server must not be adopted"
    assert rows_written(plant) == [1, 2, 3]


def test_a_zombie_postmaster_beside_a_busy_orphan_is_not_taken_for_a_server(plant):
    write(plant, 1)
    busy = psycopg.connect(plant.database.url("app_owner"), autocommit=True)
    sleeper = subprocess.Popen(
        [plant.database.program("psql"), plant.database.url("app_owner"), "-c", "SELECT pg_sleep(600)"],
        stderr=subprocess.DEVNULL,
    )
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    assert until(lambda: busy.execute(query).fetchone() == (1,))
    pid = postgres.living(plant.database)
    os.kill(pid, signal.SIGKILL)
    # It is our own child and nobody has waited for it: a zombie that postmaster.pid still names.
    assert until(lambda: (stat_fields(pid) or ["Z"])[0] == "Z", 5)
    assert postgres.start(plant.database)
    assert rows_written(plant) == [1]
    assert sleeper.wait(timeout=5) != 0
    busy.close()


def test_a_killed_valkey_comes_back_with_what_it_had_written(plant):
    with Redis.from_url(plant.memory.url()) as client:
        client.set("kept", "yes")
        time.sleep(1.2)  # appendfsync everysec: what is older than a second is on disk
    os.kill(valkey.living(plant.memory), signal.SIGKILL)
    assert until(lambda: not valkey.living(plant.memory), 5)
    assert valkey.start(plant.memory)
    with Redis.from_url(plant.memory.url()) as client:
        assert client.get("kept") == b"yes"


def test_living_servers_are_adopted_and_not_doubled(plant):
    before = (postgres.living(plant.database), valkey.living(plant.memory))
    assert not postgres.start(plant.database)
    assert not valkey.start(plant.memory)
    assert (postgres.living(plant.database), valkey.living(plant.memory)) == before


def test_a_half_made_cluster_is_made_again(folder):
    half = folder / "pg.init"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    made = services.services_for("demo")
    services.start(made)
    services.stop(made)
    assert not half.exists()
    assert (folder / "pg" / "global" / "pg_control").is_file()


def test_data_of_another_major_version_is_refused_and_left_alone(folder):
    (folder / "pg").mkdir()
    (folder / "pg" / "PG_VERSION").write_text("15\n")
    if runs_as_root():  # root's servers run as a user of their own, whose the data must be
        account = account_for_servers()
        os.chown(folder / "pg", account.uid, account.gid)
    with pytest.raises(CannotStart, match="made by PostgreSQL 15") as refused:
        postgres.start(services.services_for("demo").database)
    assert "TAKT_DATA=NEW_FOLDER" in refused.value.english and "TAKT_DATA=" in refused.value.chinese
    assert [file.name for file in (folder / "pg").iterdir()] == ["PG_VERSION"]


def test_root_leaves_the_data_of_an_ordinary_user_alone(folder):
    if not runs_as_root():
        pytest.skip("only root can be told apart here")
    (folder / "pg").mkdir()
    os.chown(folder / "pg", 65534, 65534)
    with pytest.raises(CannotStart, match="belongs to the user"):
        services.services_for("demo")
    assert [file.name for file in folder.iterdir()] == ["pg"]


def test_servers_are_reached_in_a_folder_of_any_name(folder, monkeypatch):
    odd = folder / "C++ R&D 计划 #1 50% "
    odd.mkdir()
    monkeypatch.setenv("TAKT_DATA", str(odd))
    made = services.services_for("demo")
    try:
        services.start(made)
        write(made, 1)
        assert rows_written(made) == [1]
        with Redis.from_url(made.memory.url()) as client:
            assert client.ping()
    finally:
        services.stop(made)


def test_servers_listen_on_private_sockets_only(plant):
    with psycopg.connect(plant.database.url("app_rw")) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)
    assert plant.database.sockets.stat().st_mode & 0o077 == 0
    with Redis.from_url(plant.memory.url()) as client:
        assert client.config_get("port") == {"port": "0"}


@contextlib.contextmanager
def disk(folder, options):
    """Mount a small disk of memory; only root can."""
    place = folder / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if not runs_as_root() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a disk can be made by root only")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def manage(*arguments, data):
    """Run a command with another data folder."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | {"TAKT_DATA": str(data), "TAKT_PROFILE": "demo"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [("size=12m,mode=755", "The disk is full"), ("ro,mode=755", "No permission to write")],
)
def test_a_disk_that_takes_nothing_ends_with_one_sentence(folder, options, sentence):
    with disk(folder, options) as place:
        answer = manage("migrate", data=place)
    assert answer.returncode == 1
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr


class Demo:
    """A whole demo in a process of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.process = None

    def start(self, *arguments):
        """Start it and wait for its address."""
        log = (self.folder / "demo.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "demo", "--no-simulator", *arguments],
            cwd=ROOT,
            env=os.environ
            | {"DJANGO_SETTINGS_MODULE": "jit.config.settings", "TAKT_PROFILE": "demo"}
            | {"TAKT_DB_POOL": "1", "TAKT_WEB_WORKERS": "1", "TAKT_WORKERS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        assert until(lambda: self.state() is not None or self.process.poll() is not None, 90)
        assert self.process.poll() is None, (self.folder / "demo.log").read_text()[-3000:]
        return self

    def state(self):
        """Return what this very start wrote about itself, or None before it did."""
        with contextlib.suppress(OSError, ValueError):
            found = json.loads((self.folder / "run" / "demo.json").read_text())
            return found if found["pid"] == self.process.pid else None
        return None

    def answers(self):
        """Tell whether the plant is ready to work."""
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(self.state()["url"] + "readyz", trust_env=False).status_code == 200
        return False

    def pids(self):
        """Return the living children by name."""
        names = ("web", "live", "worker", "scheduler", "valkey")
        return {name: pid for name in names if (pid := pid_file_read(self.folder / "run" / f"{name}.pid"))}


@pytest.fixture
def demo(folder):
    """A demo that is surely gone afterwards."""
    made = Demo(folder)
    yield made
    if made.process and made.process.poll() is None:
        made.process.send_signal(signal.SIGINT)
        made.process.wait(timeout=60)
    services.stop(services.services_for("demo"))


@pytest.mark.slow
def test_the_demo_survives_the_death_of_any_part_and_of_its_parent(demo):
    demo.start()
    first = demo.pids()
    assert first.keys() == {"web", "live", "worker", "scheduler", "valkey"}
    servers = services.services_for("demo")

    os.kill(first["web"], signal.SIGKILL)
    os.kill(first["valkey"], signal.SIGKILL)
    os.kill(postgres.living(servers.database), signal.SIGKILL)
    assert until(lambda: demo.answers() and demo.pids().keys() == first.keys(), 90), "parts come back alone"
    second = demo.pids()
    assert second["web"] != first["web"] and second["valkey"] != first["valkey"]

    demo.process.kill()
    demo.process.wait()
    ours = [second[name] for name in ("web", "live", "worker", "scheduler")]
    assert until(lambda: not any(is_alive(pid) for pid in ours)), "children do not outlive their parent"
    assert postgres.living(servers.database), "the database waits for the next start"

    demo.start()
    assert until(demo.answers)
    database = postgres.living(servers.database)
    last = demo.pids()
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(timeout=60) == 0
    assert not any(is_alive(pid) for pid in [*last.values(), database]), "Ctrl-C stops everything"


@pytest.mark.slow
def test_a_wished_port_that_is_occupied_is_named(demo):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = manage("demo", "--port", str(port), data=demo.folder)
    assert answer.returncode == 1
    assert f"Port {port} is occupied" in answer.stderr
