"""Which column of a file is which field: guessed from the headers, and remembered by the caller. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from jit.exchange.sheet import Cell
from jit.exchange.synonyms import SYNONYMS

#: How sure a guess is, from 0 to 1.
REMEMBERED, EXACT, SYNONYM, PART, ALIKE = 1.0, 0.98, 0.9, 0.7, 0.6
_LOOK_AT_ROWS = 20
_NOISE = re.compile(r"[\W_]+", re.UNICODE)
_BRACKETED = re.compile(r"[(（\[【{].*?[)）\]】}]")


@dataclass(frozen=True, slots=True)
class Target:
    """A field a column may go to; `names` are its labels and help in both languages and its own name."""

    name: str
    names: tuple[str, ...]
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Guess:
    """Column `column` (0 = first) with `header` seems to be `field`, this sure."""

    column: int
    header: str
    field: str
    score: float


def header_key(text: object) -> str:
    """Return a header without case, width, punctuation, blanks and bracketed units, for comparing."""
    plain = unicodedata.normalize("NFKC", str(text or "")).casefold().strip()
    return _NOISE.sub("", _BRACKETED.sub("", plain)) or _NOISE.sub("", plain)


def header_variants(text: object) -> set[str]:
    """Return a header's key, and of one in two languages the keys of its Chinese and its Latin part."""
    key = header_key(text)
    parts = {"".join(c for c in key if c.isascii()), "".join(c for c in key if not c.isascii())}
    return {key, *(part for part in parts if len(part) > 1)}


def columns_guess(
    header: Sequence[Cell], targets: Sequence[Target], remembered: Mapping[str, str] | None = None
) -> list[Guess]:
    """Return at most one guess for each column and each field, surest first taken, in column order.

    Args:
        header: the cells of the header row.
        targets: the fields that may be filled.
        remembered: {header key: field name} of earlier imports ('' = the column was left out on purpose).
    """
    remembered = remembered or {}
    known = {target.name for target in targets}
    ways = {target.name: _keys_of(target) for target in targets}
    candidates: list[tuple[float, int, str]] = []
    for column, cell in enumerate(header):
        key = header_key(cell)
        if not key:
            continue
        if key in remembered:
            if remembered[key] in known:
                candidates.append((REMEMBERED, column, remembered[key]))
            continue
        variants = header_variants(cell)
        for name, (own, others) in ways.items():
            if score := max(_score(variant, own, others) for variant in variants):
                candidates.append((score, column, name))
    order = {target.name: place for place, target in enumerate(targets)}
    candidates.sort(key=lambda entry: (-entry[0], order[entry[2]], entry[1]))
    taken_columns: set[int] = set()
    guesses: dict[str, Guess] = {}
    for score, column, name in candidates:
        if column not in taken_columns and name not in guesses:
            taken_columns.add(column)
            guesses[name] = Guess(column, str(header[column]).strip(), name, score)
    return sorted(guesses.values(), key=lambda guess: guess.column)


def header_row_guess(rows: Sequence[Sequence[Cell]], targets: Sequence[Target]) -> int:
    """Return the file row (1 = first) that looks most like the header: most known names, then most texts.

    Title lines are passed over; of a header over two rows it is the lower one.
    """
    best, best_score = 1, (-1.0, -1)
    for index, row in enumerate(rows[:_LOOK_AT_ROWS]):
        texts = [cell for cell in row if isinstance(cell, str) and cell.strip()]
        if not texts:
            continue
        if not columns_guess(row, targets):
            continue
        merged = header_merged(rows, index + 1)
        score = (sum(guess.score for guess in columns_guess(merged, targets)), min(len(texts), 2))
        if score > best_score:
            best, best_score = index + 1, score
    return best


def header_merged(rows: Sequence[Sequence[Cell]], header_row: int) -> list[str]:
    """Return the header's texts; a cell left empty by a merge takes the text above it."""
    header = [str(cell if cell is not None else "").strip() for cell in rows[header_row - 1]]
    above = rows[header_row - 2] if header_row > 1 else ()
    for column, text in enumerate(header):
        if not text and column < len(above):
            header[column] = str(above[column] if above[column] is not None else "").strip()
    return header


def _keys_of(target: Target) -> tuple[set[str], set[str]]:
    own = {key for name in (target.name, *target.names) if (key := header_key(name))}
    return own, {header_key(word) for word in SYNONYMS.get(target.name, ())} - own


def _score(key: str, own: set[str], others: set[str]) -> float:
    if key in own:
        return EXACT
    if key in others:
        return SYNONYM
    ways = own | others
    if any(len(way) > 2 and len(key) > 2 and (way in key or key in way) for way in ways) or any(
        not way.isascii() and len(way) >= 2 and way in key for way in ways
    ):
        longest = max(min(len(way), len(key)) / max(len(way), len(key)) for way in ways)
        return PART + 0.1 * longest
    alike = max((SequenceMatcher(None, key, way).ratio() for way in own), default=0.0)
    return ALIKE * alike if alike >= 0.84 and len(key) > 3 else 0.0
