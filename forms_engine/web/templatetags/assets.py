"""Where the page's files lie: style sheets, modules, icons; each address changes with the file's content."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString, mark_safe

from forms_engine.kernel import clock
from forms_engine.web.screen_texts import SCREEN_TEXTS

register = template.Library()

STATIC = Path(__file__).resolve().parents[3] / "static"
SHEETS = (
    *("tokens", "app", "frame", "parts", "tables", "forms", "overlays", "pages"),
    *("planning", "floor", "print"),
)
VENDORS = {"htmx": "htmx", "decimal.js": "decimal", "barcode": "barcode"}


@lru_cache(maxsize=4)
def _manifest(changed_ns: int) -> dict[str, str]:
    return json.loads((STATIC / "dist" / "manifest.json").read_text())


@lru_cache(maxsize=1024)
def _digest(name: str, changed_ns: int) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def vendor_url(name: str) -> str:
    """Return the address of a built vendor file, e.g. "htmx" or "icons.svg".

    A name that was never built gives an address that answers 404: the page still stands without it, and
    the front-end step of manage.py is what builds it.
    """
    try:
        changed = (STATIC / "dist" / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError:
        return static(f"dist/{name}")
    return static(f"dist/{_manifest(changed).get(name, name)}")


def asset_url(name: str) -> str:
    """Return the address of a file under static/ with its content's mark; raises FileNotFoundError."""
    return f"{static(name)}?v={_digest(name, (STATIC / name).stat().st_mtime_ns)}"


def import_map_of() -> dict[str, dict[str, str]]:
    """Map bare vendor names and every module of ours to an address that may be cached for ever."""
    imports = {name: vendor_url(key) for name, key in VENDORS.items()}
    for path in sorted((STATIC / "js").rglob("*.js")):
        name = path.relative_to(STATIC).as_posix()
        imports[static(name)] = asset_url(name)
    return {"imports": imports}


@register.simple_tag
def asset(name: str) -> str:
    """`{% asset 'js/app.js' %}`: a file of ours; `{% asset 'zxing.wasm' %}`: a built one (no folder)."""
    return asset_url(name) if "/" in name else vendor_url(name)


@register.simple_tag
def styles() -> SafeString:
    """Print the style sheets in their order: the base kit first, paper last."""
    urls = [vendor_url("tabler.css"), *(asset_url(f"css/{name}.css") for name in SHEETS)]
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', ((url,) for url in urls))


@register.simple_tag(takes_context=True)
def import_map(context: template.Context) -> SafeString:
    """Print the import map; the policy's nonce comes from the request."""
    body = json.dumps(import_map_of()).replace("<", "\\u003c")
    nonce = getattr(context.get("request"), "csp_nonce", "") or ""
    return format_html('<script type="importmap" nonce="{}">{}</script>', nonce, mark_safe(body))  # noqa: S308


@register.simple_tag
def icon(name: str = "", css: str = "", label: str = "") -> SafeString:
    """`{% icon "truck" %}` from the sprite; give a label where no word stands beside it."""
    if not name:
        return SafeString("")
    voice = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    address = f"{vendor_url('icons.svg')}#{name}"
    return format_html('<svg class="icon {}" {}><use href="{}"></use></svg>', css, voice, address)


@register.simple_tag
def js_texts() -> SafeString:
    """Print for the browser: its words in the reader's language, where its files lie, the plant's time."""
    places = {"icons": vendor_url("icons.svg"), "decoder": vendor_url("zxing.wasm")}
    texts = {key: str(text) for key, text in SCREEN_TEXTS.items()}
    plant = {"now": clock.now().isoformat(), "speed": clock.speed()}
    return json_script({"texts": texts, "places": places, "clock": plant}, "screen-texts")
