"""The system user that PostgreSQL and Valkey run as when we are root, and binaries it may read."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from jit.config.boot.messages import CannotStart
from jit.config.boot.paths import others_may_enter, runs_as_root

SYSTEM_USER = "taktpg"


@dataclass(frozen=True)
class Account:
    """Who runs the servers: `user` is None when we are an ordinary user and simply stay ourselves."""

    user: str | None
    uid: int
    gid: int

    def popen(self) -> dict[str, object]:
        """Return the subprocess arguments that switch to this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.user else {}

    def own(self, folder: Path, mode: int = 0o700) -> Path:
        """Make a folder that belongs to this account."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.user:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(mode)
        return folder


def account_for_servers() -> Account:
    """Return the account the servers run as, creating the system user once when we are root."""
    if not runs_as_root():
        return Account(None, os.getuid(), os.getgid())
    for name in (SYSTEM_USER, "postgres", "nobody"):
        if name == SYSTEM_USER:
            user_create(name)
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise CannotStart(
        f"PostgreSQL 不能以 root 运行，且无法创建系统用户 {SYSTEM_USER}。"
        f"请用普通用户运行，或先执行：useradd --system {SYSTEM_USER}",
        f"PostgreSQL refuses to run as root and the system user {SYSTEM_USER} could not be made. "
        f"Run as an ordinary user, or first: useradd --system {SYSTEM_USER}",
    )


def user_name(uid: int) -> str:
    """Return the name of a user, or the number when nobody has it."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def user_create(name: str) -> None:
    """Create the system user if it is missing; a failure shows in the look-up that follows."""
    try:
        pwd.getpwnam(name)
    except KeyError:
        tool = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
        if tool:
            subprocess.run(
                [
                    tool,
                    "--system",
                    "--no-create-home",
                    "--home-dir",
                    "/nonexistent",
                    "--shell",
                    "/bin/sh",
                    name,
                ],
                check=False,
                capture_output=True,
            )


def readable_copy(folder: Path, siblings: tuple[Path, ...], account: Account, target: Path) -> Path:
    """Return this folder, or a copy the account may read when a parent of it is closed to others.

    The copy keeps the places of the folder and its siblings relative to each other, because the binaries find
    their libraries by that path. It is made once, and again when the original changed.
    """
    if not account.user or others_may_enter(folder):
        return folder
    stamp = f"{folder} {folder.stat().st_mtime_ns}"
    mark = target / ".copied"
    if not (mark.is_file() and mark.read_text() == stamp):
        shutil.rmtree(target, ignore_errors=True)
        for source in (folder, *siblings):
            if source.is_dir():
                shutil.copytree(source, target / source.name, symlinks=True)
        mark.write_text(stamp)
        for part in (target, *target.rglob("*")):
            if not part.is_symlink():
                part.chmod(part.stat().st_mode | (0o055 if part.is_dir() else 0o044))
                if part.stat().st_mode & 0o100:
                    part.chmod(part.stat().st_mode | 0o055)
    return target / folder.name
