"""A list shows of a pair of columns in two languages the reader's own."""

from forms_engine.web.views.records import columns_spoken

NAMES = ("title_zh", "title_en", "state", "zone_en")


def test_of_a_pair_the_readers_own_stays_and_a_single_one_always():
    assert columns_spoken(NAMES, "zh-hans") == ["title_zh", "state", "zone_en"]
    assert columns_spoken(NAMES, "en") == ["title_en", "state", "zone_en"]
