"""The QR picture of a label for a web page: one SVG path, sharp at every size and on paper."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

QUIET = 4  # modules of white around the code, as the standard asks


def label_picture(text: str) -> SafeString:
    """Return an inline `<svg>` of the QR code of a text; its size is the style sheet's business."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    size = code.getModuleCount()
    path = "".join(
        f"M{column + QUIET} {row + QUIET}h1v1h-1z"
        for row, modules in enumerate(code.modules)
        for column, dark in enumerate(modules)
        if dark
    )
    side = size + 2 * QUIET
    return format_html(
        '<svg class="qr" viewBox="0 0 {} {}" role="img" aria-label="{}" shape-rendering="crispEdges">'
        '<rect width="100%" height="100%" fill="#fff"/><path d="{}" fill="#000"/></svg>',
        side,
        side,
        text,
        path,
    )
