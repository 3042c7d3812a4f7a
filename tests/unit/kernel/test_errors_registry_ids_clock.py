"""The small things every room leans on."""

import datetime as dt
import pickle

import pytest

from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, ErrorList, FieldError, MesError, NotFound
from forms_engine.kernel.ids import new_id, time_of
from forms_engine.kernel.registry import DuplicateKey, Frozen, Registry, UnknownKey
from forms_engine.kernel.text import Text, language_source


def test_a_text_speaks_both_languages_and_fills_its_places():
    text = Text("At most %(max)s %(unit)s", "最多 %(max)s %(unit)s", max=5, unit=Text("pieces", "件"))
    assert text.in_language("en") == "At most 5 pieces"
    assert text.in_language("zh-hans") == text.in_language("zh-CN") == "最多 5 件"
    assert text.in_language(None) == "At most 5 pieces"


def test_a_label_with_a_percent_sign_is_left_alone():
    assert Text("Scrap %", "废品率 %").in_language("zh") == "废品率 %"


def test_str_of_a_text_follows_the_installed_language():
    language_source(lambda: "zh-hans")
    try:
        assert f"{Text('Item', '物料')}" == "物料"
    finally:
        language_source(lambda: "en")


def test_labels_are_read_from_mappings_and_strings():
    assert Text.of({"en": "Lot", "zh": "批次"}) == Text("Lot", "批次")
    assert Text.of({"zh": "批次"}).in_language("en") == "批次"
    assert Text.of("Lot").dump() == {"en": "Lot", "zh": "Lot"}


def test_an_error_list_keeps_every_refusal_with_its_field():
    class TooMany(MesError):
        code = "item.too_many"

    errors = ErrorList(
        [FieldError("a", "x", Text("A", "甲")), TooMany(Text("B", "乙"), field="b"), TooMany("C")]
    )
    assert [(e.field, e.code) for e in errors] == [("a", "x"), ("b", "item.too_many"), ("", "item.too_many")]
    assert errors.status == 422
    assert errors.by_field()["a"][0].in_language("zh") == "甲"
    assert MesError("x").errors == ()
    assert [e.field for e in MesError("x", field="a").errors] == ["a"]
    assert errors.errors[0].under("lines.2").field == "lines.2.a"


def test_errors_answer_with_their_own_status():
    assert (NotFound("x").status, Conflict("x").status, MesError("x").status) == (404, 409, 422)
    assert MesError("x", code="other.code").code == "other.code"


def test_a_registry_refuses_two_files_with_one_key():
    registry: Registry = Registry("thing", "things")

    @registry.register
    class One:
        key = "b.one"

    @registry.register
    class Two:
        key = "a.two"

    assert [item.key for item in registry] == ["a.two", "b.one"]
    assert isinstance(registry.get("b.one"), One)
    with pytest.raises(DuplicateKey, match=r"b\.one"):
        registry.register(One)
    with pytest.raises(UnknownKey):
        registry.get("nothing")
    with pytest.raises(UnknownKey):
        registry.get([])
    registry.freeze()
    with pytest.raises(Frozen):
        registry.register(type("Three", (), {"key": "c"}))


def test_identities_sort_by_the_moment_they_were_made():
    made = [new_id() for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == 5000
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {"specified in RFC 4122"}
    assert abs(time_of(made[0]) - dt.datetime.now(dt.UTC).timestamp()) < 5


def test_the_clock_can_be_held_moved_and_sped_up():
    with clock.freeze("2026-11-24T08:00:00+08:00") as moment:
        assert moment == dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
        assert clock.today("Asia/Shanghai") == dt.date(2026, 11, 24)
        assert clock.advance(hours=16) == dt.datetime(2026, 11, 24, 16, tzinfo=dt.UTC)
        assert clock.today("Asia/Shanghai") == dt.date(2026, 11, 25)
        origin = clock.real_now() - dt.timedelta(seconds=10)
        clock.run(60, moment="2026-01-01T00:00:00+00:00", origin=origin)
        passed = clock.now() - dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        assert dt.timedelta(minutes=10) <= passed < dt.timedelta(minutes=12)
    assert abs(clock.now() - clock.real_now()) < dt.timedelta(seconds=5)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        clock.set(dt.datetime(2026, 1, 1))


def test_texts_and_errors_can_be_pickled():
    text = pickle.loads(pickle.dumps(Text("a", "b", n=1)))  # noqa: S301
    assert text == Text("a", "b", n=1)


def test_a_text_can_stand_in_a_migration():
    path, args, kwargs = Text("Lot", "批次").deconstruct()
    assert path == f"{Text.__module__}.Text"
    assert Text(*args, **kwargs) == Text("Lot", "批次")
