"""Store a file: its bytes say what it is, we choose where it lies, its record says who may read it."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import IO

from django.conf import settings

from forms_engine.access.actor import Actor
from forms_engine.base import db
from forms_engine.core.models import Attachment
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text

MAX_BYTES = 20 * 1024 * 1024
CHUNK = 1024 * 1024
TYPES: tuple[tuple[bytes, int, str], ...] = (
    (b"%PDF-", 0, "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"PK\x03\x04", 0, "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, "application/vnd.ms-office"),
)
_OFFICE = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_TEXT_ENDINGS = {".csv": "text/csv", ".txt": "text/plain", ".edi": "text/plain"}
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]")


class FileRefused(MesError):
    """The file is empty, too large, or of a kind that is not stored."""

    code = "file.refused"


def content_type_of(head: bytes, name: str) -> str | None:
    """Return the type of a file by its first bytes, None for what is not stored (HTML, SVG, programs)."""
    for magic, offset, kind in TYPES:
        if head[offset : offset + len(magic)] == magic:
            if kind == "image/webp" and head[:4] != b"RIFF":
                continue
            if kind == "application/zip":
                return _OFFICE.get(Path(name).suffix.lower(), kind)
            return kind
    ending = Path(name).suffix.lower()
    if ending in _TEXT_ENDINGS and b"\x00" not in head and not head.lstrip().startswith(b"<"):
        return _TEXT_ENDINGS[ending]
    return None


def safe_name(name: str) -> str:
    """Return a file name that is only a name: no path, no control or direction characters."""
    kept = _UNSAFE.sub("_", Path(name.replace("\\", "/")).name).strip(" .")
    return kept[-150:] or "file"


def attachment_store(
    *, actor: Actor, name: str, content: IO[bytes], max_bytes: int = MAX_BYTES
) -> Attachment:
    """Store an uploaded file and return its row; it belongs to nobody's record yet.

    The bytes are written beside their final place and renamed, so a refused or broken upload leaves nothing.

    Raises:
        FileRefused: empty, larger than `max_bytes`, or of a kind that is not on the list.
    """
    pk = new_id()
    shown = safe_name(name)
    folder = Path(settings.MEDIA_ROOT) / pk.hex[-2:]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / pk.hex
    part = path.with_suffix(".part")
    digest, size, kind = hashlib.sha256(), 0, None
    try:
        with part.open("wb") as out:
            while chunk := content.read(CHUNK):
                if size == 0:
                    kind = content_type_of(chunk[:512], shown)
                    if kind is None:
                        raise FileRefused(
                            Text("Files of this kind are not stored.", "不支持该文件类型。"), code="file.kind"
                        )
                size += len(chunk)
                if size > max_bytes:
                    raise FileRefused(
                        Text(
                            "The file is larger than %(mb)s MB.",
                            "文件超过 %(mb)s MB。",
                            mb=max_bytes // 1024 // 1024,
                        ),
                        code="file.too_large",
                    )
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if kind is None:
            raise FileRefused(Text("The file is empty.", "文件为空。"), code="file.empty")
        row = Attachment(
            id=pk,
            name=shown,
            content_type=kind,
            size=size,
            sha256=digest.hexdigest(),
            path=f"{folder.name}/{path.name}",
            supplier_id=actor.supplier_id,
            uploaded_by=actor.id[:64],
        )
        os.replace(part, path)
        with db.atomic():
            row.save(force_insert=True)
    except BaseException:
        part.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        raise
    return row
