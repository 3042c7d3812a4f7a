"""Our own QR texts for shipment and package labels: short, versioned, checked.

`T1P/7K3M/SSCC/ASN/ITEM/QTY/LOT`: `T1` names the format, the letter the kind, four characters check the rest.
Values keep to the QR alphanumeric set where they can; anything else is percent-escaped UTF-8, so every text
survives and no value can hold a separator.
"""

import re
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

#: What each kind of label carries, in order. Fields may be added at the end only.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "A": ("shipment", "supplier", "packages"),
    "P": ("package", "shipment", "item", "quantity", "lot"),
    "W": ("work_order",),
    "L": ("location",),
    "C": ("command",),
}
VERSION = "T1"
MAX_LENGTH = 512

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
_CODE = re.compile(r"T(?P<version>\d)(?P<kind>[A-Z])/(?P<check>[0-9A-Z]{4})/(?P<body>.*)", re.DOTALL)
#: A blank at an end too: scanners and forms trim what they read.
_ESCAPED = re.compile(rb"[^0-9A-Z $*+.:\-]|\A | \Z")
_ESCAPE = re.compile(r"%([0-9A-F]{2})")


@dataclass(frozen=True, slots=True)
class LabelCode:
    """What a label says: its kind (a key of `FIELDS`) and its values by name; missing ones are ''."""

    kind: str
    values: Mapping[str, str]


class LabelFault(ValueError):
    """Not one of our labels, of a newer version, or damaged: `reason` is foreign, version, kind or check."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def label_write(kind: str, **values: str) -> str:
    """Return the QR text of a label. Raises: ValueError on an unknown kind or field, or a text too long."""
    if kind not in FIELDS or not values.keys() <= set(FIELDS[kind]):
        raise ValueError(f"label {kind} has no such field: {sorted(values)}")
    parts = [_escaped(str(values.get(name, ""))) for name in FIELDS[kind]]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    body = "/".join(parts)
    text = f"{VERSION}{kind}/{_check(kind, body)}/{body}"
    if len(text) > MAX_LENGTH:
        raise ValueError("the label's values are too long for a code that scans well")
    return text


def label_fitting(kind: str, *, spare: tuple[str, ...], **values: str) -> str:
    """Return the QR text without as many of the `spare` values, first ones first, as it takes to fit.

    A code in Chinese takes nine signs a character here; the label's number alone finds its record.
    Raises: ValueError as `label_write`, if it is too long without all of them.
    """
    for count in range(len(spare)):
        kept = {name: value for name, value in values.items() if name not in spare[:count]}
        with suppress(ValueError):
            return label_write(kind, **kept)
    return label_write(kind, **{name: value for name, value in values.items() if name not in spare})


def label_read(text: str) -> LabelCode:
    """Return what a scanned label says. Raises: LabelFault."""
    match = _CODE.fullmatch(text.strip())
    if match is None or len(text) > MAX_LENGTH * 2:
        raise LabelFault("foreign")
    if match["version"] != VERSION[1]:
        raise LabelFault("version")
    kind, body = match["kind"], match["body"]
    if kind not in FIELDS:
        raise LabelFault("kind")
    if match["check"] != _check(kind, body):
        raise LabelFault("check")
    parts = [_unescaped(part) for part in body.split("/")]
    names = FIELDS[kind]
    parts += [""] * (len(names) - len(parts))
    return LabelCode(kind, dict(zip(names, parts, strict=False)))


def _check(kind: str, body: str) -> str:
    """Four characters (20 bits) of a CRC over version, kind and body."""
    number = zlib.crc32(f"{VERSION}{kind}/{body}".encode()) & 0xFFFFF
    return "".join(_ALPHABET[number >> shift & 31] for shift in (15, 10, 5, 0))


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: b"%%%02X" % match[0][0], text.encode()).decode("ascii")


def _unescaped(text: str) -> str:
    raw = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text).encode("latin-1", "replace")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise LabelFault("check") from None
