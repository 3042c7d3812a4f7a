"""Outside servers: PostgreSQL over TCP with passwords, Valkey with one, named by the environment only."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import psycopg
import pytest
import websockets
from celery import Celery
from django.conf import settings
from django.db import connections
from django.test import Client

from forms_engine.access.models import User
from forms_engine.base import jobs
from forms_engine.kernel.ids import new_id
from jit.config.boot import account, ports, postgres, services, valkey
from jit.config.boot.paths import ROOT
from jit.config.boot.process import stop_pid
from tests.forms_engine.made_tables import add_melt, make_table
from tests.live_services import STOP

PASSWORD = "p@ss:w/örd %25 "  # what an address must quote
PROCESSES = ("web", "live", "worker")
PATIENCE = 60.0


def until(true):
    """Wait for something and return it; the last answer when the time is up."""
    end = time.monotonic() + PATIENCE
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


class Outside:
    """Two servers as an administrator would run them, and the processes of a plant that uses them."""

    def __init__(self, folder):
        self.folder = folder
        self.user = account.account_for_servers()
        found = [21_000 + os.getpid() * 7 % 8_000]
        for _ in range(4):
            found.append(ports.next_free("127.0.0.1", found[-1]))
        self.port, self.valkey_port, self.web_port, self.live_port = found[1:]
        self.url, self.live_url = f"http://127.0.0.1:{self.web_port}", f"ws://127.0.0.1:{self.live_port}"
        more = {"listen_addresses": "127.0.0.1", "port": str(self.port)}
        self.database = postgres.Postgres(
            binaries=postgres.binaries_find(self.user, folder / "bin"),
            data=folder / "pg",
            sockets=folder / "sock",
            log=folder / "postgres.log",
            account=self.user,
            settings=postgres.EVERY_PROFILE | postgres.TESTS_ONLY | more,
        )
        self.processes = []

    def address(self, login):
        """Return the DATABASE_URL of a login."""
        return f"postgresql://{login}:{quote(PASSWORD + login, safe='')}@127.0.0.1:{self.port}/takt"

    @property
    def valkey_address(self):
        """Return the REDIS_URL."""
        return f"redis://:{quote(PASSWORD, safe='')}@127.0.0.1:{self.valkey_port}/3"

    def environment(self):
        """Return the variables that an administrator sets, on top of a plain environment."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("TAKT_", "DJANGO_"))
        }
        return (
            kept
            | {name: self.address(login) for name, login in services.LOGINS.items()}
            | {"REDIS_URL": self.valkey_address, "TAKT_DATA": str(self.folder / "data"), "TAKT_WORKERS": "1"}
            | {"TAKT_WEB_PORT": str(self.web_port), "TAKT_LIVE_PORT": str(self.live_port)}
            | {"TAKT_WEB_WORKERS": "1"}
        )

    def psql(self, database, **words):
        """Run SQL as the administrator: from `input` or from `stdin`."""
        place = ("-h", str(self.database.sockets), "-p", str(self.port), "-U", "postgres", "-d", database)
        command = [self.database.program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", *place]
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, env=postgres.clean_environment(), **words
        )

    def start_servers(self):
        """Start both, make the logins as docs/running.md says, and let nobody in without a password."""
        postgres.cluster_create(self.database)
        hba = "local all postgres trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (self.database.data / "pg_hba.conf").write_text(hba)
        postgres.server_launch(self.database)
        said = subprocess.run(
            [sys.executable, "manage.py", "roles"], cwd=ROOT, capture_output=True, check=True
        )
        self.psql("postgres", input=said.stdout)
        for login in services.LOGINS.values():
            self.psql("postgres", input=f"ALTER ROLE {login} PASSWORD '{PASSWORD}{login}'".encode())
        words = ("--port", str(self.valkey_port), "--bind", "127.0.0.1", "--requirepass", PASSWORD)
        program = valkey.program_find(self.user, self.folder / "bin")
        self.launch("valkey", [str(program), *words, "--save", ""], cwd="/", **self.user.popen())

    def fill(self, address):
        """Bring over what another database holds; its migrations take 20 s, a copy takes one."""
        command = [self.database.program("pg_dump"), address]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as dump:
            self.psql("takt", stdin=dump.stdout)
        assert dump.returncode == 0

    def start_plant(self):
        """Start processes as units of systemd would, and wait until the plant reaches both servers."""
        for name in PROCESSES:
            command = [sys.executable, str(ROOT / "manage.py"), "run", name]
            self.launch(name, command, cwd=ROOT, env=self.environment())
        assert until(self.is_ready), {
            name: (self.folder / f"{name}.log").read_text()[-1500:] for name in PROCESSES
        }

    def is_ready(self):
        """Tell whether the health page and the socket answer."""
        try:
            httpx.get(f"http://127.0.0.1:{self.live_port}/", trust_env=False)
            answer = httpx.get(f"{self.url}/readyz", trust_env=False, timeout=PATIENCE)
        except httpx.HTTPError:
            return False
        return answer.json() == {"database": True, "valkey": True}

    def launch(self, name, command, **more):
        """Start a process in a group of its own."""
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes.append(
                subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **more
                )
            )

    def stop(self):
        """Stop what was started, the database last."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in reversed(self.processes):
            stop_pid(process.pid, STOP, group=True)
            process.wait()
        postgres.stop(self.database)


@pytest.fixture
def outside():
    """The two servers with their logins and an empty database."""
    folder = Path(tempfile.mkdtemp(prefix="takt-outside-"))
    folder.chmod(0o755)
    made = Outside(folder)
    try:
        made.start_servers()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def socket_until_log_out(outside, client):
    """Open the live socket of a session, log out through the page, and return how the socket was closed."""
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME]}"
    async with websockets.connect(
        f"{outside.live_url}/ws/", origin=outside.url, additional_headers={"Cookie": cookie}, proxy=None
    ) as socket:
        await socket.send(json.dumps({"ping": 5}))
        assert json.loads(await asyncio.wait_for(socket.recv(), PATIENCE)) == {"pong": 5}
        token = client.cookies[settings.CSRF_COOKIE_NAME]
        headers = {"X-CSRFToken": token, "Origin": outside.url}
        assert (await asyncio.to_thread(client.post, "/logout", headers=headers)).status_code == 302
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), PATIENCE)
        return closed.value.rcvd.code


@pytest.mark.django_db(transaction=True, databases=["default", "owner", "portal"])
def test_a_plant_runs_on_servers_named_by_the_environment(outside, clones):
    """The page, the walls between suppliers, a job and a message between processes, all over TCP."""
    session = Client()
    session.force_login(User.objects.create(username="boss", is_superuser=True))
    make_table(scope="supplier", portal="select")
    mine = new_id()
    add_melt("MINE", supplier_id=mine)
    add_melt("THEIRS", supplier_id=new_id())
    job = jobs.run_later("exchange.import")  # without its parameters: it can only fail, but in a worker
    connections.close_all()
    outside.fill(urlsplit(clones.admin_url)._replace(path=f"/{clones.name}").geturl())
    outside.start_plant()

    with httpx.Client(base_url=outside.url, trust_env=False, timeout=PATIENCE) as client:
        assert client.get("/login").status_code == 200
        client.cookies[settings.SESSION_COOKIE_NAME] = session.cookies[settings.SESSION_COOKIE_NAME].value
        assert client.get("/inbox/").status_code == 200
        # In a thread of its own: this one may have the loop of a browser test that came before.
        with ThreadPoolExecutor(1) as beside:
            closed = beside.submit(asyncio.run, socket_until_log_out(outside, client))
        assert closed.result() == 4401

    with psycopg.connect(outside.address("app_portal")) as portal:
        assert portal.execute("SELECT code FROM x_melt").fetchall() == []
        portal.execute("SELECT set_config('app.supplier_id', %s, true)", [str(mine)])
        assert portal.execute("SELECT code FROM x_melt").fetchall() == [("MINE",)]

    Celery(broker=outside.valkey_address).send_task(jobs.TASK, queue="critical")
    with psycopg.connect(outside.address("app_rw"), autocommit=True) as plant:
        query = "SELECT attempts FROM base_job WHERE id = %s AND state <> 'QUEUED'"
        assert until(lambda: plant.execute(query, [job.pk]).fetchone()) == (1,)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(outside.address("app_rw").replace("app_rw@", "wrong@"))

    data = outside.folder / "data"
    assert not (data / "pg").exists() and not (data / "valkey").exists(), "no server of our own was started"
