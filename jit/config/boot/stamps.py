"""What was done to a database already: small files inside its folder, so they vanish together with it."""

import hashlib
from pathlib import Path

from jit.config.boot.paths import ROOT


def holds(folder: Path | None, name: str, content: str) -> bool:
    """Tell whether this very thing was done; never for an outside database, which we cannot stamp."""
    try:
        return folder is not None and (folder / f"takt_{name}").read_text() == content
    except OSError:
        return False


def put(folder: Path | None, name: str, content: str) -> None:
    """Note that it was done."""
    if folder is not None:
        (folder / f"takt_{name}").write_text(content)


def migrations() -> str:
    """Return the sha256 over everything a migration is made of."""
    return digest([*ROOT.glob("*/*/migrations/*.py"), *ROOT.glob("*/*/*.sql"), *ROOT.glob("*/*/sql/*.sql")])


def demo_content() -> str:
    """Return the sha256 over the demo plant and the ready packages."""
    return digest([*ROOT.glob("jit/demo/**/*.py"), *ROOT.glob("jit/packages/**/*.y*ml")])


def planner() -> str:
    """Return the sha256 over the compiled rooms' sources."""
    return digest([*ROOT.glob("jit/algorithms/**/*.py")])


def digest(files: list[Path]) -> str:
    """Return the sha256 over names and contents."""
    result = hashlib.sha256()
    for file in sorted(files):
        result.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return result.hexdigest()
