"""How numbers, times and signals are written."""

import datetime as dt
from decimal import Decimal

import pytest
from django.template import engines
from django.template.loader import render_to_string
from django.utils import translation

from forms_engine.forms.shown import shown
from forms_engine.kernel import clock
from forms_engine.kernel.quantity import Quantity
from forms_engine.kernel.schema import FieldSpec
from forms_engine.kernel.text import Text
from forms_engine.web.templatetags.shown import about, number_shown, span_shown
from forms_engine.web.views.records import _who

NOW = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)  # 10:00 in the plant


@pytest.fixture(autouse=True)
def at_ten():
    clock.set(NOW)
    yield
    clock.set(None)


def drawn(source, language="en", **context):
    with translation.override("zh-hans" if language == "zh" else "en"):
        return engines["django"].from_string("{% load shown %}" + source).render(context)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1234.500000"), "1,234.5"),
        (Decimal("200"), "200"),
        (Decimal("1E+3"), "1,000"),
        (Decimal("-0.000001"), "−0.000001"),
        (Decimal("-0"), "0"),
        (0, "0"),
        (None, "–"),
        ("", "–"),
        (Decimal("NaN"), "–"),
        ("X-100", "X-100"),
    ],
)
def test_numbers_are_plain_and_grouped(value, text):
    assert number_shown(value) == text


def test_a_number_can_keep_its_places():
    assert number_shown(Decimal("77.55"), 0) == "78"
    assert number_shown(Decimal("1.4"), 2) == "1.40"


def test_a_quantity_has_its_unit_in_grey_and_is_escaped():
    html = drawn("{{ q|quantity:unit }}", q=Decimal("-12.50"), unit="<b>")
    assert html == '<span class="qty minus">−12.5<span class="unit">&lt;b&gt;</span></span>'
    assert drawn("{{ q|quantity }}", q=Quantity(Decimal(40), "PCE")) == (
        '<span class="qty">40<span class="unit">PCE</span></span>'
    )
    assert drawn("{{ q|quantity:'PCE' }}", q=None) == '<span class="qty">–</span>'


def test_a_due_time_says_its_distance_and_the_plants_clock_on_hover():
    html = drawn("{% due at %}", at=NOW + dt.timedelta(minutes=49))
    assert ">in 49 min<" in html and 'title="2026-11-24 10:49 CST"' in html and " late" not in html
    late = drawn("{% due at %}", "zh", at=NOW - dt.timedelta(minutes=12))
    assert ">迟 12 分钟<" in late and " late>" in late


def test_the_past_is_said_as_a_distance_for_a_day_and_then_as_a_date():
    assert ">3 h 5 min ago<" in drawn("{% ago at %}", at=NOW - dt.timedelta(minutes=185))
    assert ">11-21 10:00<" in drawn("{% ago at %}", at=NOW - dt.timedelta(days=3))
    assert drawn("{% ago at %}", at=None) == "–"


def test_a_clock_time_shows_the_day_only_when_it_is_another():
    assert ">10:30<" in drawn("{{ at|clock_time }}", at=NOW + dt.timedelta(minutes=30))
    assert ">11-25 00:30<" in drawn("{{ at|clock_time }}", at="2026-11-24T16:30:00+00:00")


def test_every_signal_has_a_word_and_an_unknown_tone_is_no_data():
    assert drawn("{% signal 'short' '49 min' %}") == '<span class="sig sig-short">49 min</span>'
    assert "sig-idle" in drawn("{% signal 'purple' 'x' %}")


@translation.override("en")
def test_spans_agree_with_the_browsers_wording():
    assert [span_shown(seconds) for seconds in (59, 3599, 7200, 7260, 90000)] == [
        "59 s",
        "59 min",
        "2 h",
        "2 h 1 min",
        "1 d",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (
            Decimal("69.974874"),
            '<span title="69.974874"><span class="qty">69.97<span class="unit">件</span></span></span>',
        ),
        (Decimal("14.500000"), '<span class="qty">14.5<span class="unit">件</span></span>'),
        (14, '<span class="qty">14<span class="unit">件</span></span>'),
        (None, '<span class="qty">–</span>'),
    ],
)
def test_a_quantity_at_a_glance_has_two_places_and_the_rest_on_hover(value, shown):
    assert about(value, "件") == shown


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("flow plan_approval (王计划)", "流程（王计划发起）"),
        ("flow plan_approval", "流程"),
        ("planning", "计划运算"),
        ("陈主管", "陈主管"),
    ],
)
def test_history_names_the_plants_own_hands_in_words(name, words):
    assert _who(name, "zh-hans") == words


def test_a_number_that_is_not_there_stands_where_numbers_stand():
    quantity = FieldSpec("quantity", "quantity", Text("Quantity", "数量"))
    assert shown(quantity, None, "en").is_number
    assert not shown(FieldSpec("name", "text", Text("Name", "名称")), "", "en").is_number


def test_a_fault_without_a_field_on_the_form_is_told_without_a_link():
    error = {"field_id": "f-lines-0-item", "label": "", "message": "DJ-220 不是自制件。"}
    html = render_to_string("parts/_error_summary.html", {"errors": [error]})
    assert "<li>DJ-220 不是自制件。</li>" in html
