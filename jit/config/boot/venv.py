"""The virtual environment: made once, filled from the pins, shared safely between checkouts."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from jit.config.boot.messages import CannotStart, disk_is_full, say
from jit.config.boot.paths import ROOT, runs_as_root
from jit.config.boot.process import exclusive

FOLDER = ROOT / ".venv"
NO_SPACE = "No space left on device"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)")


def ensure(requirements: str) -> Path:
    """Return the Python of the virtual environment, with the packages of a requirements file in it.

    Raises:
        CannotStart: no venv could be made, or the download failed.
    """
    place = FOLDER.resolve()
    python = FOLDER / "bin" / "python"
    if is_whole(python) and stamp_is_fresh(place, requirements):
        return python
    with exclusive(place.with_name(place.name + ".lock")):
        if not is_whole(python):
            say(f"正在创建虚拟环境 {FOLDER} … / making the virtual environment")
            create(place)
        if not stamp_is_fresh(place, requirements):
            install(python, place, requirements)
    return python


def is_current() -> bool:
    """Tell whether this very Python is the one of our virtual environment."""
    return Path(sys.prefix).resolve() == FOLDER.resolve()


def is_whole(python: Path) -> bool:
    """Tell whether this Python runs and holds pip.

    It does not after a creation that failed or was cut off, nor after its base became another version, which
    looks for the packages in another folder.
    """
    if is_current():
        return True
    look = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pip') is None)"
    try:
        return subprocess.run([python, "-c", look], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def files_of(requirements: str) -> list[Path]:
    """Return a requirements file and the ones it includes."""
    file = ROOT / requirements
    found = [file]
    for line in file.read_text().splitlines():
        if line.startswith("-r "):
            found += files_of(line[3:].strip())
    return found


def fingerprint(requirements: str) -> str:
    """Return the sha256 over all the files a requirements file is made of."""
    digest = hashlib.sha256()
    for file in files_of(requirements):
        digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()


def stamp_is_fresh(place: Path, requirements: str) -> bool:
    """Tell whether the last thing installed here was exactly this."""
    try:
        return (place / f".takt-{requirements}.sha256").read_text() == fingerprint(requirements)
    except OSError:
        return False


def stamp_write(place: Path, requirements: str) -> None:
    """Remember what is installed; a full set also satisfies the smaller one it includes."""
    for file in files_of(requirements):
        (place / f".takt-{file.name}.sha256").write_text(fingerprint(file.name))


def create(place: Path) -> None:
    """Make the virtual environment with venv, uv, or venv after installing it on Debian as root."""
    attempts = [[sys.executable, "-m", "venv", str(place)]]
    if shutil.which("uv"):
        attempts.append(["uv", "venv", "--seed", "--python", sys.executable, str(place)])
    package = f"python3.{sys.version_info.minor}-venv"
    for command in attempts:
        shutil.rmtree(place, ignore_errors=True)
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            return
        if NO_SPACE in answer.stdout + answer.stderr:
            raise disk_is_full(str(place.parent))
    if runs_as_root() and shutil.which("apt-get"):
        say(f"apt-get install {package} …")
        subprocess.run(["apt-get", "update", "-q"], stdout=sys.stderr, check=False)
        subprocess.run(["apt-get", "install", "-y", "-q", package], stdout=sys.stderr, check=False)
        shutil.rmtree(place, ignore_errors=True)
        if subprocess.run(attempts[0], capture_output=True, check=False).returncode == 0:
            return
    shutil.rmtree(place, ignore_errors=True)
    spec = importlib.util.find_spec("ensurepip")
    if spec and spec.origin:
        raise CannotStart(
            f"无法创建虚拟环境：{(answer.stdout + answer.stderr).strip()}",
            f"The virtual environment {place} could not be made (the reason is above).",
        )
    raise CannotStart(
        f"无法创建虚拟环境：这个 Python 缺少 venv 模块。Debian/Ubuntu 请执行：sudo apt-get install {package}",
        "The virtual environment could not be made: this Python comes without its venv module. "
        f"On Debian/Ubuntu run: sudo apt-get install {package}",
    )


def install(python: Path, place: Path, requirements: str) -> None:
    """Install a requirements file with pip, showing what it does; skipped when every pin is there already."""
    if not missing_pins(place, requirements):
        stamp_write(place, requirements)
        return
    say(f"正在安装 {requirements}（首次约一分钟）… / installing, about a minute the first time")
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    status, said = watched([*command, "--progress-bar", "off", "-r", str(ROOT / requirements)])
    if status:
        print("\n".join(said[-15:]), file=sys.stderr)
        if any(NO_SPACE in line for line in said):
            raise disk_is_full(str(place.parent))
        source = os.environ.get("PIP_INDEX_URL", "")
        raise CannotStart(
            f"下载 Python 依赖失败{f'（PIP_INDEX_URL={source}）' if source else ''}。请检查网络后重试，"
            "或设置镜像，例如 PIP_INDEX_URL=https://镜像/simple",
            f"Downloading the Python packages failed{f' (PIP_INDEX_URL={source})' if source else ''}. "
            "Check the network and run again, or name a mirror: PIP_INDEX_URL=https://MIRROR/simple",
        )
    stamp_write(place, requirements)


def watched(command: list[str]) -> tuple[int, list[str]]:
    """Run pip and show one short line a package, so that progress is seen; returns all it said."""
    said: list[str] = []
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PIP_QUIET": "0"},
    ) as pip:
        for line in pip.stdout or ():
            said.append(line.rstrip())
            match = re.match(r"(?:Collecting|Processing) (\S+)", line)
            if match:
                say(f"  {Path(match[1]).name}")
            elif line.startswith("Installing collected"):
                say("  … 正在写入 / writing")
    return pip.returncode, said


def missing_pins(place: Path, requirements: str) -> list[str]:
    """Return the pins of a requirements file that the environment does not hold in that very version."""
    from importlib import metadata  # 8 ms that only an installation needs, not every process

    held = {
        canonical(package.metadata["Name"]): package.version
        for package in metadata.distributions(
            path=[str(folder) for folder in place.glob("lib/python3*/site-packages")]
        )
        if package.metadata["Name"]
    }
    missing = []
    for file in files_of(requirements):
        for line in file.read_text().splitlines():
            match = PINNED.match(line)
            if match and held.get(canonical(match[1])) != match[2]:
                missing.append(f"{match[1]}=={match[2]}")
    return missing


def canonical(name: str) -> str:
    """Return a package name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
