"""Translations: each .po that is newer than its .mo is compiled by Babel (no gettext tools needed)."""

import subprocess
import sys
from pathlib import Path

from jit.config.boot.messages import CannotStart
from jit.config.boot.paths import ROOT


def ensure() -> None:
    """Compile what changed; costs one stat per file when nothing did.

    Raises:
        CannotStart: a .po file does not parse; the sentence quotes Babel.
    """
    for source in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            compile_one(source, target)


def compile_one(source: Path, target: Path) -> None:
    """Write the .mo beside its .po, in one step, so that a running server never reads half a file."""
    part = target.with_suffix(f".mo.{Path(sys.executable).stat().st_ino}")
    command = [sys.executable, "-m", "babel.messages.frontend", "compile", "-i", str(source), "-o", str(part)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise CannotStart(
            f"翻译文件有错：\n{answer.stderr}", f"The translation file {source.name} has a mistake."
        )
    part.replace(target)
