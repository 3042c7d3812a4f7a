"""Which encoding a text file is in: found by what its bytes make, with names a person may choose from."""

import re

from forms_engine.kernel.text import Text as T
from jit.exchange.sheet import SheetRefused

#: What a person may choose; GB18030 contains GBK and GB2312.
ENCODINGS = {
    "utf-8": T("Unicode (UTF-8)", "Unicode（UTF-8）"),
    "gb18030": T("Simplified Chinese (GB18030, GBK)", "简体中文（GB18030、GBK）"),
    "big5": T("Traditional Chinese (Big5)", "繁体中文（Big5）"),
    "cp1252": T("Western European (Windows-1252)", "西欧（Windows-1252）"),
    "utf-16": T("Unicode (UTF-16)", "Unicode（UTF-16）"),
}
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def encoding_guess(data: bytes) -> str:
    """Return the encoding: a byte order mark decides, else UTF-16 by its zeros, UTF-8 if it decodes, else
    Windows-1252 if that makes Western words where GB18030 makes rare characters between Latin letters, else
    the Chinese one whose usual characters the bytes give: GB18030 or Big5.

    Raises: SheetRefused `encoding_unknown` when none of them reads the bytes.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding
    head = data[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if even + odd >= max(2, len(head) // 4) and min(even, odd) * 10 <= max(even, odd):
        # Latin text in UTF-16 has a zero in every second byte; the side tells the byte order.
        return "utf-16-le" if odd > even else "utf-16-be"
    if _decoded(data, "utf-8") is not None:
        return "utf-8"
    mainland = _decoded(data, "gb18030")
    if _is_western(data, mainland):
        return "cp1252"
    for taiwan in ("big5", "cp950"):
        text = _decoded(data, taiwan)
        if text is not None:
            usual = _share(text, taiwan, _BIG5_USUAL)
            if usual >= 0.8 and (mainland is None or usual >= _share(mainland, "gb2312", _GB_USUAL) + 0.2):
                return taiwan
    if mainland is None:
        raise SheetRefused("encoding_unknown", encoding="")
    return "gb18030"


#: First bytes of marks and of usual characters: all of GB2312, the first and daily half of Big5.
_GB_USUAL = frozenset([*range(0xA1, 0xA4), *range(0xB0, 0xF8)])
_BIG5_USUAL = frozenset(range(0xA1, 0xC7))


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _share(text: str, encoding: str, usual: frozenset[int]) -> float:
    """Return which part of the first thousand characters beyond ASCII is usual in a two-byte encoding."""
    beyond = [sign for sign in text if sign > "\x7f"][:1000]
    firsts = [sign.encode(encoding, "ignore")[:1] for sign in beyond]
    return sum(first != b"" and first[0] in usual for first in firsts) / max(1, len(beyond))


#: Letters of Western languages, and marks of their keyboards that the bytes of Chinese seldom give.
_LETTERS = "A-Za-zÀ-ÖØ-öø-ÿŒœŠšŽžŸ"
_WORD = re.compile(f"[{_LETTERS}]+")
_PAIR = re.compile(r"[^\x00-\x7f]{2}")
_MARK = re.compile(r"(?<=[0-9 ])[°²³µ½¼¾€]|±(?=[0-9])|(?<=[\w \"(,;\t-])[€„“”‘’‚–—…•™]|[§©®«»]", re.ASCII)
_HAN = "\u3400-\u9fff\ue000-\uf8ff"
_LATIN_AROUND = re.compile(f"[a-z][{_HAN}]|[{_HAN}][a-z]")


def encoding_chosen(encoding: str) -> str:
    """Return which of `ENCODINGS` an encoding that was found belongs to."""
    known = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16", "utf-16-be": "utf-16", "cp950": "big5"}
    return known.get(encoding, encoding)


def _is_western(data: bytes, mainland: str | None) -> bool:
    """Return whether bytes are words of a Western language rather than the Chinese GB18030 reads in them."""
    lines = b"\n".join([line for line in data.splitlines() if not line.isascii()][:1000])
    western = _decoded(lines, "cp1252")
    if western is None:
        return False
    if mainland is None:  # then short words are no coincidence
        return _share_western(western, shortest=1) >= 0.6
    if _share_western(western, shortest=3) < 0.7:
        return False
    chinese = lines.decode("gb18030", "replace")
    if _share(chinese, "gb2312", _GB_USUAL) <= 0.5:
        return True
    beyond = sum(sign > "\x7f" for sign in chinese)
    return len(_LATIN_AROUND.findall(chinese)) >= 0.9 * beyond


def _share_western(text: str, shortest: int) -> float:
    """Return which part of the characters beyond ASCII stands in a Western word, or is a mark of one."""
    beyond = sum(sign > "\x7f" for sign in text)
    at_home = len(_MARK.findall(text))
    for word in _WORD.findall(text):
        if len(word) >= shortest and _is_word(word):
            at_home += sum(sign > "\x7f" for sign in word)
    return at_home / max(1, beyond)


def _is_word(word: str) -> bool:
    """Return whether letters look like a word: in one case or with a capital, and mostly plain letters."""
    small = word.islower() or word[1:].islower()
    if not small and not word.replace("ß", "").isupper():
        return False
    plain = sum(sign <= "\x7f" for sign in word)
    return len(word) - plain <= plain or (small and not _PAIR.search(word))
