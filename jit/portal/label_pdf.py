"""Labels on paper: an A4 sheet of 2 × 4, or one label of 100 × 150 mm a page for a label printer.

The Chinese font is embedded, as only the glyphs in use, so that every printer shows the same; QR codes are
drawn as filled squares, sharp at any size.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from functools import lru_cache

import zxingcpp
from django.conf import settings
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from forms_engine.kernel.errors import Unavailable
from forms_engine.kernel.text import Text as T
from jit.portal.cards import local, plain
from jit.supply.labels import PackageLabel, ShipmentLabels

FONT = "NotoSansSC"
FONT_FILE = "NotoSansSC-Regular.ttf"
SIZES = ("a4", "single")
#: A4 cells: 2 columns, 4 rows, without gaps; 105 × 74.25 mm, the usual self-adhesive sheet.
COLUMNS, ROWS = 2, 4
_lock = threading.Lock()


class FontMissing(Unavailable):
    """The front-end step has not made the font yet."""

    code = "portal.font_missing"


def font_ready() -> None:
    """Register the Chinese font once per process (about 0.1 s). Raises: FontMissing."""
    with _lock:
        if FONT in pdfmetrics.getRegisteredFontNames():
            return
        path = settings.ROOT / "static" / "dist" / FONT_FILE
        if not path.exists():
            raise FontMissing(
                T(
                    "The font for labels is not built yet; start the plant by manage.py.",
                    "标签字体尚未生成，请用 manage.py 启动系统。",
                )
            )
        pdfmetrics.registerFont(TTFont(FONT, str(path)))


def labels_pdf(labels: ShipmentLabels, *, supplier: str, size: str, with_notice: bool = True) -> bytes:
    """Return a PDF with the notice's own label first and one label for each package.

    Args:
        size: "a4" or "single" (100 × 150 mm).
        with_notice: False for the later parts of a long notice.

    Raises:
        FontMissing, ValueError for another size.
    """
    if size not in SIZES:
        raise ValueError(f"no such label size: {size}")
    font_ready()
    buffer = io.BytesIO()
    page = A4 if size == "a4" else (100 * mm, 150 * mm)
    canvas = Canvas(buffer, pagesize=page, pageCompression=1)
    canvas.setTitle(labels.number)
    canvas.setAuthor(supplier)
    draws: list[Callable[[Canvas, float, float], None]] = []
    if with_notice:
        draws.append(lambda c, w, h: _notice(c, w, h, labels, supplier))
    draws += [
        lambda c, w, h, label=label: _package(c, w, h, label, labels.number, supplier)  # type: ignore[misc]
        for label in labels.packages
    ]
    place = _on_sheet if size == "a4" else _alone
    place(canvas, page, draws)
    canvas.save()
    return buffer.getvalue()


Draws = list[Callable[[Canvas, float, float], None]]


def _on_sheet(canvas: Canvas, page: tuple[float, float], draws: Draws) -> None:
    width, height = page[0] / COLUMNS, page[1] / ROWS
    for index, draw in enumerate(draws):
        cell = index % (COLUMNS * ROWS)
        if index and cell == 0:
            canvas.showPage()
        canvas.saveState()
        canvas.translate(cell % COLUMNS * width, page[1] - (cell // COLUMNS + 1) * height)
        canvas.setStrokeGray(0.75)
        canvas.setLineWidth(0.3)
        canvas.rect(0, 0, width, height)
        draw(canvas, width, height)
        canvas.restoreState()


def _alone(canvas: Canvas, page: tuple[float, float], draws: Draws) -> None:
    for index, draw in enumerate(draws):
        if index:
            canvas.showPage()
        draw(canvas, *page)


# --- one label: everything is measured from its lower left corner ---------------------------------------


def _package(
    canvas: Canvas, width: float, height: float, label: PackageLabel, number: str, supplier: str
) -> None:
    tall = height > width
    edge = 5 * mm
    code = 46 * mm if tall else 32 * mm
    top = height - edge
    _text(canvas, edge, top - 5 * mm, label.item_name, 17 if tall else 14, width - 2 * edge)
    _text(canvas, edge, top - 11 * mm, label.item_code, 12 if tall else 11, width - 2 * edge)
    much = f"{plain(label.quantity)} {label.unit}"
    _text(canvas, edge, top - (24 if tall else 21) * mm, much, 30 if tall else 23, width - 2 * edge)
    rows = [
        (T("Lot", "批号"), label.lot or "–"),
        (T("Supplier", "供应商"), supplier),
        (T("Dock", "码头"), label.dock),
        (T("Area", "区域"), label.area or "–"),
        (T("Window", "时间窗"), _window(label)),
        (T("ASN", "送货单"), f"{number}  {label.number}/{label.count}"),
    ]
    step = (7 if tall else 5.4) * mm
    y = top - (34 if tall else 28) * mm
    room = width - 2 * edge if tall else width - 2 * edge - code - 2 * mm
    for title, value in rows:
        _row(canvas, edge, y, str(title), value, 12 if tall else 8.5, room)
        y -= step
    at = ((width - code) / 2, edge + 8 * mm) if tall else (width - edge - code, edge + 6 * mm)
    _qr(canvas, at[0], at[1], code, label.code)
    if tall:
        _centred(canvas, width / 2, edge + 2 * mm, label.plate, 16)
    else:
        _centred(canvas, width - edge - code / 2, edge + 1 * mm, label.plate, 10)


def _notice(canvas: Canvas, width: float, height: float, labels: ShipmentLabels, supplier: str) -> None:
    tall = height > width
    edge = 5 * mm
    code = 56 * mm if tall else 38 * mm
    top = height - edge
    _text(canvas, edge, top - 6 * mm, str(T("Shipment notice", "送货单")), 15, width - 2 * edge)
    _text(canvas, edge, top - 15 * mm, labels.number, 22, width - 2 * edge)
    rows = [
        (T("Supplier", "供应商"), supplier),
        (T("Delivery note", "送货单号"), labels.delivery_note),
        (T("Dock", "码头"), labels.dock),
        (T("Arrives", "预计到达"), f"{local(labels.arrives_at):%m-%d %H:%M}" if labels.arrives_at else "–"),
        (T("Plate", "车牌"), labels.plate or "–"),
        (T("Packages", "箱数"), str(labels.total)),
    ]
    step = (7 if tall else 6) * mm
    y = top - (26 if tall else 24) * mm
    room = width - 2 * edge if tall else width - 2 * edge - code - 2 * mm
    for title, value in rows:
        _row(canvas, edge, y, str(title), value, 12 if tall else 9, room)
        y -= step
    at = ((width - code) / 2, edge) if tall else (width - edge - code, edge)
    _qr(canvas, at[0], at[1], code, labels.code)


def _window(label: PackageLabel) -> str:
    if label.window_start is None or label.window_end is None:
        return "–"
    return f"{local(label.window_start):%m-%d %H:%M}–{local(label.window_end):%H:%M}"


def _row(canvas: Canvas, x: float, y: float, title: str, value: str, size: float, room: float) -> None:
    indent = size * 4.4
    canvas.setFillGray(0.35)
    canvas.setFont(FONT, size * 0.85)
    canvas.drawString(x, y, title)
    canvas.setFillGray(0)
    _text(canvas, x + indent, y, value, size, room - indent)


def fitted(words: str, size: float, room: float) -> tuple[str, float]:
    """Return the words and the font size that fit into `room` points: shrunk to 60 % at most, cut beyond."""
    wide = pdfmetrics.stringWidth(words, FONT, size)
    if wide <= room:
        return words, size
    if wide * 0.6 <= room:
        return words, size * room / wide  # whole: half a lot number is another lot
    size *= 0.6
    while words and pdfmetrics.stringWidth(words + "…", FONT, size) > room:
        words = words[:-1]
    return words + "…", size


def _text(canvas: Canvas, x: float, y: float, words: str, size: float, room: float) -> None:
    words, size = fitted(words, size, room)
    canvas.setFillGray(0)
    canvas.setFont(FONT, size)
    canvas.drawString(x, y, words)


def _centred(canvas: Canvas, x: float, y: float, words: str, size: float) -> None:
    canvas.setFillGray(0)
    canvas.setFont(FONT, size)
    canvas.drawCentredString(x, y, words)


def _qr(canvas: Canvas, x: float, y: float, side: float, text: str) -> None:
    """Draw a QR code as runs of dark modules; the white border around it is part of `side`."""
    rows = _modules(text)
    module = side / (len(rows) + 8)
    path = canvas.beginPath()
    for number, row in enumerate(rows):
        bottom = y + side - (number + 5) * module
        for start, length in row:
            path.rect(x + (start + 4) * module, bottom, length * module, module)
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)


@lru_cache(maxsize=64)
def _modules(text: str) -> list[list[tuple[int, int]]]:
    """Return the dark runs (start, length) of each row of a QR code, error level M, without border."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    image = memoryview(zxingcpp.write_barcode_to_image(barcode, scale=1, add_quiet_zones=False))
    rows = []
    for line in image.tolist():
        runs: list[tuple[int, int]] = []
        for column, value in enumerate(line):
            if value > 127:
                continue
            if runs and sum(runs[-1]) == column:
                runs[-1] = (runs[-1][0], runs[-1][1] + 1)
            else:
                runs.append((column, 1))
        rows.append(runs)
    return rows
