"""Turn the built woff2 into the TrueType font the PDF writer embeds; run after build.mjs.

ReportLab refuses CFF outlines and compressed fonts; Noto Sans SC (OFL-1.1) from npm has TrueType outlines
inside its woff2, so it is only unpacked: 7,946 characters, Latin and simplified Chinese.
"""

from pathlib import Path

from fontTools.ttLib import TTFont

DIST = Path(__file__).resolve().parent.parent / "static" / "dist"


def main() -> None:
    """Write static/dist/NotoSansSC-Regular.ttf; raises FileNotFoundError when build.mjs has not run."""
    font = TTFont(DIST / "NotoSansSC-Regular.woff2")
    font.flavor = None
    part = DIST / "NotoSansSC-Regular.ttf.part"
    font.save(part)
    part.replace(DIST / "NotoSansSC-Regular.ttf")


if __name__ == "__main__":
    main()
