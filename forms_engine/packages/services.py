"""Install a package: read its files, compare three ways, write what the plant has not changed itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from forms_engine.access.actor import Actor
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text
from forms_engine.packages.models import InstalledPackage, InstalledPart
from forms_engine.packages.parts import kinds  # noqa: F401  (registers the parts)
from forms_engine.packages.parts.base import Part, parts


class PackageBroken(MesError):
    """A file of a package cannot be read or refers to something that does not exist."""

    code = "package.broken"


@dataclass
class Installed:
    """What an installation did, by file."""

    written: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def package_install(*, actor: Actor, folder: Path) -> Installed:
    """Install or upgrade the package in a folder; the same files again change nothing.

    What was changed in the plant since it was installed is kept as the plant has it, and listed in `kept`:
    local edits are never overwritten.

    Raises: PackageBroken naming the file.
    """
    name = folder.name
    done = Installed()
    files = [
        (part, file) for part in sorted(parts, key=lambda one: one.order) for file in _files(folder, part)
    ]
    digest = hashlib.sha256(b"".join(file.read_bytes() for _, file in files)).hexdigest()
    known = {row.path: row for row in InstalledPart.objects.filter(package=name)}
    for part, file in files:
        path = f"{part.key}/{file.name}"
        try:
            data = yaml.safe_load(file.read_text("utf-8"))
            wanted = _json(part.settled(data))
            live = part.live(data)
        except (yaml.YAMLError, KeyError, TypeError, ValueError, MesError) as error:
            raise PackageBroken(
                Text("%(path)s: %(why)s", "%(path)s：%(why)s", path=path, why=error)
            ) from error
        base = known.get(path)
        if live is not None and _json(live) == wanted:
            done.same.append(path)
        elif live is not None and base is not None and _json(live) != base.content:
            done.kept.append(path)
            continue
        else:
            try:
                part.write(actor=actor, data=data)
            except MesError as error:
                raise PackageBroken(
                    Text("%(path)s: %(why)s", "%(path)s：%(why)s", path=path, why=error)
                ) from error
            done.written.append(path)
        if base is None or base.content != wanted:
            InstalledPart.objects.update_or_create(package=name, path=path, defaults={"content": wanted})
    InstalledPackage.objects.update_or_create(name=name, defaults={"digest": digest, "release": digest[:12]})
    return done


def package_export(*, folder: Path, target: Path) -> list[str]:
    """Write what stands now in the form of the package; returns the files that differ from it."""
    changed = []
    for part in sorted(parts, key=lambda one: one.order):
        for file in _files(folder, part):
            data = yaml.safe_load(file.read_text("utf-8"))
            live = part.live(data)
            if live is None:
                continue
            place = target / part.key / file.name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(yaml.safe_dump(_json(live), allow_unicode=True, sort_keys=False), "utf-8")
            if _json(live) != _json(part.settled(data)):
                changed.append(f"{part.key}/{file.name}")
    return changed


def _files(folder: Path, part: Part) -> list[Path]:
    return sorted((folder / part.key).glob("*.yaml"))


def _json(data: Any) -> Any:
    """Return data as JSON gives it back, so that tuples and lists compare equal."""
    return json.loads(json.dumps(data, default=str))


def part_of_kind(kind: str) -> Part:
    """Return a kind of definition by its folder. Raises: UnknownKey."""
    return parts.get(kind)
