"""CSV comes in as the text it is, in any encoding and with any separator."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jit.exchange.encodings import ENCODINGS, encoding_chosen, encoding_guess
from jit.exchange.formats.csv_out import csv_write
from jit.exchange.formats.sheet_csv import csv_read
from jit.exchange.sheet import SheetRefused, rows_as_dicts

HARD = ["00123", "1E5", "SEPT1", "2026-11", "AB\u20111", "1,234", "a;b", 'say "x"', "两\n行", " ", "０１２"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_stays_text_in_every_encoding(encoding, delimiter):
    rows = [["料号", "数量", "备注"], ["00123", "1,5", "1E5"], ["SEPT1", "2", "2026-11"]]
    lines = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows) + "\r\n"
    sheet = csv_read(lines.encode(encoding))
    assert sheet.rows == rows
    assert sheet.delimiter == delimiter


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"\xef\xbb\xbfa,b", "utf-8-sig"),
        ("料号,数量".encode("gb18030"), "gb18030"),
        ("料号,数量".encode(), "utf-8"),
        ("物料編碼,名稱,單位\nA-1,軸承座,個\n".encode("big5"), "big5"),
        ("數量\n5\n".encode("big5"), "big5"),
        ("物料編碼,名稱,單位\nA-1,軸承座,個\n".encode("gb18030"), "gb18030"),
        ("名称,备注\n深圳市镕盛,囍\n".encode("gb18030"), "gb18030"),
        ("item;qty\r\nA1;5\r\n".encode("utf-16-le"), "utf-16-le"),
        ("item;qty\r\nA1;5\r\n".encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_the_encoding_is_found_and_said(data, encoding):
    assert encoding_guess(data) == encoding
    assert csv_read(data).encoding == encoding


GERMAN = "Code;Name;Größe\r\nM-1;Müller;fünf\r\nM-2;Lüfter für Köln;groß\r\n"
CHINESE = [
    "00100,支架总成,个",
    "A1,M8螺栓,件",
    "L2,Logo贴,张",
    "P3,PVC管,米",
    "R4,镕,箱",
    "K5,kg重,台",
    "T6,深圳镕盛,囍",
]


@pytest.mark.parametrize(
    "text",
    [
        GERMAN,
        "code,name\nA,Müller\n",
        "code;name\nA;Größe\n",
        "CODE;NAME\nA;MÜLLER GMBH\n",
        "code,nom\nA,pièce à façon été\n",
        "code,temp\nA,20°C ±0,5\nB,Präzision\n",
        "code,price\nA,100€\nB,Gehäuse „groß“\n",
        "código,descripción\nA,tamaño señal\n",
    ],
)
def test_western_words_are_not_read_as_rare_chinese(text):
    data = text.encode("cp1252")
    assert encoding_guess(data) == "cp1252"
    rows = csv_read(data).rows
    assert (
        "".join(map("".join, rows)) == "".join(sign for sign in text if sign not in ",;\r\n") or "±" in text
    )


@pytest.mark.parametrize("line", CHINESE)
def test_chinese_next_to_latin_letters_stays_chinese(line):
    for text in (f"code,name,unit\r\n{line}\r\n", "\r\n".join(["code,name,unit", *CHINESE])):
        assert encoding_guess(text.encode("gb18030")) == "gb18030"
        assert encoding_guess(text.encode()) == "utf-8"


def test_what_is_found_is_among_what_may_be_chosen():
    for found in ("utf-8-sig", "utf-16-le", "utf-16-be", "cp950", "big5", "gb18030", "cp1252"):
        assert encoding_chosen(found) in ENCODINGS


def test_the_encoding_a_person_chose_is_the_one_or_said_to_be_wrong():
    assert csv_read(GERMAN.encode("cp1252"), encoding="cp1252").rows[1] == ["M-1", "Müller", "fünf"]
    with pytest.raises(SheetRefused) as refusal:
        csv_read(GERMAN.encode("cp1252"), encoding="utf-8")
    assert (refusal.value.code, refusal.value.params) == ("encoding_wrong", {"encoding": "utf-8"})


def test_a_sep_line_is_obeyed_and_not_a_row():
    assert csv_read(b"sep=;\r\na;b,c\r\n").rows == [["a", "b,c"]]


def test_decimal_commas_do_not_win_over_the_real_separator():
    sheet = csv_read(b"code;kg;mm\n0001;302,920;1\n0002;177,515;2\n0003;1114,200;3\n")
    assert sheet.delimiter == ";" and sheet.rows[1] == ["0001", "302,920", "1"]


def test_ragged_rows_are_filled_and_keep_their_file_row():
    sheet = csv_read(b"a,b,c\n\n1\n1,2,3,4\n")
    assert list(rows_as_dicts(sheet)) == [
        (3, {"a": "1", "b": "", "c": ""}),
        (4, {"a": "1", "b": "2", "c": "3"}),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"a,b\n1,\x00\n", "binary"),
        (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj <</Length 9>>\n", "binary"),
        (b"\x89PNG\r\n\x1a\n", "binary"),
        (b"\xff\xff\xff\xfe\x80", "encoding_unknown"),
        (b",".join([b"x"] * 501), "too_many_columns"),
        (b"x\n" * 200_001, "too_many_rows"),
        (b"x" * 32_768, "cell_too_long"),
        (b"a" * (50 * 1024 * 1024 + 1), "too_big"),
    ],
)
def test_what_cannot_be_a_table_is_refused_with_a_code(data, code):
    with pytest.raises(SheetRefused) as refusal:
        csv_read(data)
    assert refusal.value.code == code


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"), max_size=20)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=8))
def test_what_is_written_is_read_back_to_the_letter(rows):
    """A table goes out and comes in unchanged (without the guard, which adds an apostrophe on purpose)."""
    data = csv_write(["h1", "h2", "h3"], rows, guard=False)
    assert csv_read(data, encoding="utf-8-sig", delimiter=",").rows[1:] == rows


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    try:
        sheet = csv_read(data)
    except SheetRefused:
        return
    assert all(isinstance(cell, str) for row in sheet.rows for cell in row)


def test_formulas_are_disarmed_and_numbers_are_not():
    rows = [["=1+1", "+cmd|' /C calc'!A0", "-x", "@SUM(A1)", "\t=1", -5, "ok"]]
    text = csv_write(["a"] * 7, rows).decode("utf-8-sig")
    assert csv_read(text.encode(), delimiter=",").rows[1] == [
        "'=1+1", "'+cmd|' /C calc'!A0", "'-x", "'@SUM(A1)", "'\t=1", "-5", "ok",
    ]  # fmt: skip


def test_hard_texts_survive_both_ways():
    data = csv_write(["a"], [[text] for text in HARD])
    assert [row[0] for row in csv_read(data, delimiter=",").rows[1:]] == HARD
