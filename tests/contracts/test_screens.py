"""What templates and scripts name must exist: icons, words in both languages, files."""

import re

from django.conf import settings
from django.contrib.staticfiles import finders

from forms_engine.web.screen_texts import SCREEN_TEXTS

TEMPLATES = sorted((settings.ROOT / "templates").rglob("*.html"))
SCRIPTS = [
    file for file in sorted((settings.ROOT / "static" / "js").rglob("*.js")) if "dist" not in file.parts
]
ICONS = set((settings.ROOT / "frontend" / "icons.txt").read_text().split())


def test_every_icon_a_template_or_script_names_is_in_the_sprite():
    named = {
        name for file in TEMPLATES for name in re.findall(r"""\{% icon ["']([\w-]+)["']""", file.read_text())
    }
    named |= {name for file in SCRIPTS for name in re.findall(r"""\bicon\("([\w-]+)\"""", file.read_text())}
    assert named, "no template names an icon: the pattern of this test is wrong"
    assert named <= ICONS, f"add to frontend/icons.txt: {sorted(named - ICONS)}"


def test_every_word_a_script_shows_is_known_in_both_languages():
    asked = {
        key
        for file in SCRIPTS
        for key in re.findall(r"""\b(?:text|announce)\("([\w.]+)\"""", file.read_text())
    }
    assert len(asked) > 20
    assert asked <= set(SCREEN_TEXTS), sorted(asked - set(SCREEN_TEXTS))
    for key, text in SCREEN_TEXTS.items():
        places = re.findall(r"\{\w+\}", text.en)
        assert sorted(places) == sorted(re.findall(r"\{\w+\}", text.zh)), key


def test_every_script_a_template_loads_exists():
    for file in TEMPLATES:
        for name in re.findall(r"""\{% asset ["']([^"']+/[^"']+)["']""", file.read_text()):
            assert finders.find(name), f"{file.name} loads {name}"


def test_every_element_a_template_uses_has_its_file():
    for file in TEMPLATES:
        for tag in set(re.findall(r"<(mes-[\w-]+)", file.read_text())):
            assert finders.find(f"js/elements/{tag}.js"), f"{file.name} uses <{tag}>"


def test_no_template_carries_a_script_or_style_of_its_own():
    for file in TEMPLATES:
        source = file.read_text()
        scripts = re.findall(r"<script(?![^>]*(?:\bsrc=|application/json))[^>]*>", source)
        assert not scripts, f"{file.name}: {scripts}"
        if "emails" not in file.parts:
            assert "<style" not in source, file.name
            assert not re.search(r"\son\w+=", source), file.name
        assert "|safe" not in source, file.name


def test_every_icon_an_entity_action_or_package_names_is_in_the_sprite():
    named = set()
    for room in ("forms_engine", "jit"):
        for file in (settings.ROOT / room).rglob("*.py"):
            named |= set(re.findall(r"""\bicon(?:: str)? ?= ?"([a-z][\w-]+)\"""", file.read_text()))
        for file in (settings.ROOT / room).rglob("*.yaml"):
            named |= set(re.findall(r"""(?m)^\s*-?\s*icon: *["']?([a-z][\w-]+)""", file.read_text()))
    assert len(named) > 10
    assert named <= ICONS, f"add to frontend/icons.txt: {sorted(named - ICONS)}"


def test_every_word_of_a_template_has_its_chinese():
    source = (settings.ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po").read_text()
    known = set(re.findall(r'(?m)^msgid "(.+)"\nmsgstr "..*"', source))
    missing = {
        words.replace('"', '\\"')
        for file in TEMPLATES
        for _, words in re.findall(r"""\{% translate (["'])(.+?)\1""", file.read_text())
    } - known
    assert not missing, sorted(missing)
