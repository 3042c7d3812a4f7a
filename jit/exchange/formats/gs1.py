"""GS1 barcodes: what a scan says, and check digits of SSCC and GTIN.

Parsing is biip's. biip keeps the reason of a failure in `*_error` fields and goes on with the other readings;
here a wrong check digit is always a failure, never a shorter reading.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import biip
from biip.gs1_messages import GS1Message
from biip.gtin import Gtin
from biip.sscc import Sscc

_FNC1 = "\x1d"
_BRACKETS = re.compile(r"\(\d{2,4}\)")
_SYMBOLOGY = re.compile(r"^\][A-Za-z]\d")


@dataclass(frozen=True, slots=True)
class Gs1Scan:
    """What a GS1 code carries: `elements` as read by application identifier, the usual ones by name."""

    elements: Mapping[str, str] = field(default_factory=dict)
    sscc: str = ""
    gtin: str = ""
    lot: str = ""
    serial: str = ""
    expiry: date | None = None
    count: int | None = None
    net_weight_kg: Decimal | None = None


class Gs1Fault(ValueError):
    """A code that is not valid GS1; the message is the reason."""


def gs1_read(text: str) -> Gs1Scan:
    """Read an element string as scanned (FNC1 = GS, 0x1D) or as printed with brackets: `(01)…(10)…`.

    A bare SSCC (18 digits) or GTIN (8, 12, 13, 14 digits) is read as such.

    Raises: Gs1Fault with biip's reason.
    """
    text = _SYMBOLOGY.sub("", text.strip()).lstrip(_FNC1)
    if not text:
        raise Gs1Fault("empty")
    if text.isascii() and text.isdigit() and len(text) in (8, 12, 13, 14, 18):
        return _bare(text)
    try:
        message = GS1Message.parse_hri(text) if _BRACKETS.match(text) else GS1Message.parse(text)
    except biip.ParseError as error:
        raise Gs1Fault(str(error)) from error
    return _scan(message)


def check_digit(payload: str) -> int:
    """Return the GS1 mod-10 digit for a payload without one: weights 3, 1, 3, … from the right."""
    if not (payload.isascii() and payload.isdigit()):
        raise ValueError(f"{payload!r} is not all digits")
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(payload)))
    return -total % 10


def sscc_is_valid(sscc: str) -> bool:
    """Whether 18 digits end in their check digit."""
    return _valid(sscc, (18,))


def gtin_is_valid(gtin: str) -> bool:
    """Whether 8, 12, 13 or 14 digits end in their check digit."""
    return _valid(gtin, (8, 12, 13, 14))


def sscc_make(company_prefix: str, serial: int, extension: int = 0) -> str:
    """Build an SSCC: extension digit, company prefix, serial filled to 16 digits, check digit.

    Raises: ValueError when the serial does not fit behind the prefix or a part is not a digit string.
    """
    room = 16 - len(company_prefix)
    if not (company_prefix.isascii() and company_prefix.isdigit()) or not 4 <= len(company_prefix) <= 12:
        raise ValueError("a GS1 company prefix has 4 to 12 digits")
    if not 0 <= extension <= 9 or serial < 0 or len(str(serial)) > room:
        raise ValueError(f"serial {serial} does not fit into {room} digits")
    payload = f"{extension}{company_prefix}{serial:0{room}d}"
    return f"{payload}{check_digit(payload)}"


def _valid(digits: str, lengths: tuple[int, ...]) -> bool:
    if not (digits.isascii() and digits.isdigit() and len(digits) in lengths):
        return False
    return check_digit(digits[:-1]) == int(digits[-1])


def _bare(digits: str) -> Gs1Scan:
    try:
        if len(digits) == 18:
            return Gs1Scan({"00": digits}, sscc=Sscc.parse(digits).value)
        gtin = Gtin.parse(digits).as_gtin_14()
    except biip.ParseError as error:
        raise Gs1Fault(str(error)) from error
    return Gs1Scan({"01": gtin}, gtin=gtin)


def _scan(message: GS1Message) -> Gs1Scan:
    elements: dict[str, str] = {}
    found: dict[str, object] = {}
    for element in message.element_strings:
        error = element.sscc_error or element.gtin_error or element.gln_error
        if error:
            raise Gs1Fault(error)
        ai = element.ai.ai
        if ai in elements and elements[ai] != element.value:
            raise Gs1Fault(f"({ai}) stands twice with different values")
        elements[ai] = element.value
        if element.sscc:
            found["sscc"] = element.sscc.value
        elif ai in ("01", "02") and element.gtin:
            found["gtin"] = element.gtin.as_gtin_14()
        elif ai == "10":
            found["lot"] = element.value
        elif ai == "21":
            found["serial"] = element.value
        elif ai == "17":
            if element.date is None:
                raise Gs1Fault(f"(17) {element.value} is not a date")
            found["expiry"] = element.date
        elif ai in ("30", "37"):
            found["count"] = int(element.value)
        elif ai.startswith("310") and element.decimal is not None:
            found["net_weight_kg"] = element.decimal
    return Gs1Scan(elements, **found)  # type: ignore[arg-type]
