"""Where things live: the checkout, its data folder, its sockets."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MEMORY = Path("/dev/shm")  # noqa: S108 - we use a folder of our own in it
MEMORY_FREE = 2 * 1024**3  # bytes; a test cluster needs a tenth, and the rest of the machine wants to live
SOCKET_PATH_LIMIT = 103  # bytes; sockaddr_un holds 104 on macOS and 108 on Linux, with the closing zero


def data_folder(profile: str) -> Path:
    """Return the data folder of a profile (`demo`, `bench`, `test`, `test/gw0` …); `TAKT_DATA` moves both.

    As root the database runs under a system user, so a checkout that user may not enter (a home of 0700)
    keeps its data under /var/lib instead; no folder of anybody is ever opened up.
    """
    given = os.environ.get("TAKT_DATA")
    base = Path(given).resolve() if given else ROOT / ".data"
    if not given and runs_as_root() and not others_may_enter(ROOT):
        base = Path("/var/lib") / f"takt-{short_hash(ROOT)}"
    return base if profile in ("demo", "production") else base / profile


def socket_folder(data: Path, longest_name: str) -> Path:
    """Return where sockets go: beside the data, or a folder in $TMPDIR when that path cannot be one.

    It may be too long, or hold a comma or a quote, which PostgreSQL and its clients read as a list of hosts.
    """
    folder = data / "run" / "sock"
    if len(os.fsencode(folder / longest_name)) <= SOCKET_PATH_LIMIT and not set(str(folder)) & set(",'\"\\"):
        return folder
    return Path(tempfile.gettempdir()) / f"takt-{short_hash(data)}"


def memory_folder(data: Path, memory: Path = MEMORY) -> Path:
    """Return where a throw-away database goes: a folder in memory, or its data folder for want of room.

    A test cluster is copied and dropped hundreds of times; on some file systems the kernel spends more on
    the files of a copy (ext4 without a journal: half a second of a core) than the tests on their work.
    """
    folder = memory / f"takt-{short_hash(data)}"
    try:
        if not folder.exists():
            if shutil.disk_usage(memory).free < MEMORY_FREE:
                return data
            folder.mkdir(exist_ok=True)  # another process of this run may be as far
            folder.chmod(0o755)
        return folder if folder.stat().st_uid == os.geteuid() else data
    except (OSError, AttributeError):
        return data


def short_hash(what: Path | str) -> str:
    """Return ten hex digits that stand for this path or text."""
    return hashlib.sha256(os.fsencode(what)).hexdigest()[:10]


def runs_as_root() -> bool:
    """Tell whether this process is the super-user (never on Windows)."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def others_may_enter(folder: Path) -> bool:
    """Tell whether every folder down to this one lets other users pass."""
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))
