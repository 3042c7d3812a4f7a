"""PostgreSQL and Valkey as one thing: start what is not given from outside, tell the addresses, stop."""

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jit.config.boot import postgres, valkey
from jit.config.boot.account import Account, account_for_servers, user_name
from jit.config.boot.messages import CannotStart, explain
from jit.config.boot.paths import data_folder, memory_folder, others_may_enter, runs_as_root, socket_folder

LOGINS = {"DATABASE_URL": "app_rw", "DATABASE_OWNER_URL": "app_owner", "DATABASE_PORTAL_URL": "app_portal"}


@dataclass(frozen=True)
class Services:
    """The servers of one profile; None where an outside server is given."""

    data: Path
    database: postgres.Postgres | None
    memory: valkey.Valkey | None

    def environment(self) -> dict[str, str]:
        """Return the variables by which settings find the built-in servers."""
        found = {"TAKT_DATA_FOLDER": str(self.data)}
        if self.database:
            found |= {name: self.database.url(login) for name, login in LOGINS.items()}
            found["TAKT_ADMIN_URL"] = self.database.url("postgres", "postgres")
        if self.memory:
            found["REDIS_URL"] = self.memory.url()
        return found


def services_for(profile: str) -> Services:
    """Describe the servers of a profile (`demo` or `test`) and make their folders; starts nothing.

    Raises:
        CannotStart: a folder cannot be written, or no binaries exist.
    """
    outside_database = any(name in os.environ for name in LOGINS)
    if outside_database and not all(name in os.environ for name in LOGINS):
        missing = "、".join(name for name in LOGINS if name not in os.environ)
        raise CannotStart(
            f"设置了外部数据库，但缺少 {missing}。三个登录名的 SQL：python3 manage.py roles",
            f"An outside database is set but {missing.replace('、', ', ')} is missing. "
            "The SQL for the three logins: python3 manage.py roles",
        )
    all_outside = outside_database and "REDIS_URL" in os.environ
    account = Account(None, os.getuid(), os.getgid()) if all_outside else account_for_servers()
    data = data_folder(profile)
    if account.user:
        data_must_be_ours(data, account)
    try:
        for folder in (data, data / "run", data / "log"):
            folder.mkdir(parents=True, exist_ok=True)
            if runs_as_root():
                folder.chmod(0o755)
        if account.user and not others_may_enter(data):
            raise CannotStart(
                f"系统用户 {account.user} 进不了 {data}（上级目录不开放）。请用 TAKT_DATA 换一处。",
                f"The system user {account.user} may not enter {data}: a folder above it is closed. "
                "Set TAKT_DATA to a folder elsewhere.",
            )
        if not os.access(data, os.W_OK):
            raise PermissionError(13, "not writable", str(data))
        return Services(
            data=data,
            database=None if outside_database else built_in_postgres(profile, data, account),
            memory=None if "REDIS_URL" in os.environ else built_in_valkey(profile, data, account),
        )
    except OSError as error:
        raise explain(error) from error


def data_must_be_ours(data: Path, account: Account) -> None:
    """Refuse, as root, the databases of an ordinary user before a file of ours in between locks him out."""
    for folder in (data / "pg", data / "valkey"):
        if folder.exists() and folder.stat().st_uid != account.uid:
            owner = user_name(folder.stat().st_uid)
            mend = f"sudo -u {owner} python3 manage.py …"
            if owner == "root":  # copied by hand
                mend = f"chown -R {account.user} {folder}"
            raise CannotStart(
                f"{folder} 属于用户 {owner}，而以 root 启动时数据库由 {account.user} 运行。"
                f"请执行：{mend}，或用 TAKT_DATA=新目录 另建一套。",
                f"{folder} belongs to the user {owner}, but as root the servers run as {account.user}. "
                f"Run: {mend}  or set TAKT_DATA=NEW_FOLDER.",
            )


def built_in_postgres(profile: str, data: Path, account: Account) -> postgres.Postgres:
    """Describe the built-in PostgreSQL of a profile; that of the tests lives in memory if there is room."""
    tests = profile.startswith("test")
    return postgres.Postgres(
        binaries=postgres.binaries_find(account, data / "bin"),
        data=(memory_folder(data) if tests else data) / "pg",
        sockets=socket_folder(data, ".s.PGSQL.5432"),
        log=data / "log" / "postgres.log",
        account=account,
        settings=postgres.EVERY_PROFILE | (postgres.TESTS_ONLY if tests else {}),
    )


def built_in_valkey(profile: str, data: Path, account: Account) -> valkey.Valkey:
    """Describe the built-in Valkey of a profile."""
    return valkey.Valkey(
        program=valkey.program_find(account, data / "bin"),
        data=data / "valkey",
        socket=socket_folder(data, ".s.PGSQL.5432") / "valkey.sock",
        log=data / "log" / "valkey.log",
        pid_file=data / "run" / "valkey.pid",
        account=account,
        durable=not profile.startswith("test"),
    )


def start(services: Services) -> None:
    """Start or adopt both servers, side by side: each mostly waits for its own process.

    Raises:
        CannotStart: one of them did not start; the other goes on.
    """
    failed: list[Exception] = []

    def memory_start() -> None:
        try:
            if services.memory:
                valkey.start(services.memory)
        except (CannotStart, OSError) as reason:
            failed.append(reason)

    beside = threading.Thread(target=memory_start)
    beside.start()
    try:
        if services.database:
            postgres.start(services.database)
    except OSError as error:
        raise explain(error) from error
    finally:
        beside.join()
    for reason in failed:
        raise (explain(reason) if isinstance(reason, OSError) else reason)


def stop(services: Services) -> None:
    """Stop both servers, the database last: it is what everything else writes to."""
    if services.memory:
        valkey.stop(services.memory)
    if services.database:
        postgres.stop(services.database)


@contextlib.contextmanager
def running(profile: str) -> Iterator[Services]:
    """Keep the servers of a profile up for the time of a `with`; the last user of a folder stops them.

    Every user holds a shared lock, so two test runs in one checkout do not take the servers from each other.
    """
    services = services_for(profile)
    with (services.data / "run" / "users.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        try:
            start(services)
            yield services
        finally:
            with contextlib.suppress(BlockingIOError):  # somebody else still uses them
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stop(services)
