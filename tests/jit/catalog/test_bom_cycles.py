"""No item goes into itself: at the save of a BOM, of one line, of a new validity (pull.md 18)."""

from __future__ import annotations

import pytest

from forms_engine.core.run import action_run
from forms_engine.kernel.errors import ErrorList, MesError
from jit.catalog.models import Bom, BomLine
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
FRIDAY, SATURDAY = make.at(0), make.at(12)


@pytest.fixture
def items():
    return [make.item(code, mode="MAKE") for code in "ABC"]


def save(key: str, record=None, **raw):
    return action_run(actor=make.system(), key=key, record=record, raw=raw)


def line(component, **more) -> dict:
    return {"component": str(component.pk), "quantity_per": "1", **more}


def refused(key: str, record=None, **raw) -> tuple[str, str]:
    """Field and English sentence of the refusal."""
    with pytest.raises(MesError) as caught:
        save(key, record, **raw)
    error = caught.value
    first = error.errors[0] if isinstance(error, ErrorList) or error.errors else error
    return first.field, first.message.in_language("en")


def test_the_path_is_named_and_nothing_is_saved(items):
    a, b, c = items
    make.bom(a, (b, 1))
    make.bom(b, (c, 1))
    found = refused("catalog.bom.create", item=str(c.pk), revision="A", lines=[line(a)])
    assert found == ("lines", "An item cannot be part of itself: C → A → B → C.")
    assert not Bom.objects.filter(item=c).exists()
    assert refused("catalog.bom.create", item=str(c.pk), revision="A", lines=[line(c)])[1].endswith("C → C.")


def test_revisions_that_never_hold_together_make_no_circle(items):
    """A is made from B until Friday, B from A from Saturday on: no A ever contains an A."""
    a, b, _ = items
    make.bom(a, (b, 1), effective_to=FRIDAY)
    save(
        "catalog.bom.create", item=str(b.pk), revision="A", effective_from=FRIDAY.isoformat(), lines=[line(a)]
    )
    later = Bom.objects.get(item=b)
    field, words = refused("catalog.bom.update", later, effective_from="")
    assert (field, words) == ("lines", "An item cannot be part of itself: B → A → B.")
    later.refresh_from_db()
    assert later.effective_from == FRIDAY


def test_a_draft_closes_no_circle_until_it_is_released(items):
    a, b, _ = items
    make.bom(a, (b, 1), is_released=False)
    save("catalog.bom.create", item=str(b.pk), revision="A", lines=[line(a)])
    assert refused("catalog.bom.update", Bom.objects.get(item=a), is_released=True)[0] == "lines"


def test_one_line_saved_alone_is_looked_at_too(items):
    a, b, c = items
    make.bom(a, (b, 1))
    other = make.bom(b, (c, 1))
    found = refused("catalog.bomline.create", bom=str(other.pk), line_no=20, **line(a))
    assert found == ("component", "An item cannot be part of itself: B → A → B.")
    standing = BomLine.objects.get(bom=other)
    assert refused("catalog.bomline.update", standing, component=str(a.pk))[0] == "component"
    save("catalog.bomline.create", bom=str(other.pk), line_no=30, **line(make.item("D")))
    assert BomLine.objects.filter(bom=other).count() == 2


def test_a_phantom_line_wants_a_phantom_item(items):
    """Else the plan would call the component off while backflushing takes what is in it."""
    a, b, c = items
    lines = [line(b), line(c, is_phantom=True)]
    field, words = refused("catalog.bom.create", item=str(a.pk), revision="A", lines=lines)
    assert (field, words.split(":")[0]) == ("lines", "C is no phantom item")
    c.mode = "PHANTOM"
    c.save()
    save("catalog.bom.create", item=str(a.pk), revision="A", lines=lines)
    standing = BomLine.objects.get(component=b)
    assert refused("catalog.bomline.update", standing, is_phantom=True)[0] == "is_phantom"
