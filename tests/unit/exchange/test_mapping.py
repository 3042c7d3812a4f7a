"""Columns find their fields."""

from jit.exchange.mapping import Target, columns_guess, header_key, header_merged, header_row_guess

ITEM = (
    Target("code", ("Code", "编码"), True),
    Target("name", ("Name", "名称"), True),
    Target("unit", ("Unit", "单位"), True),
    Target("safety_stock", ("Safety stock", "安全库存")),
    Target("lot_rule", ("Lot rule", "批量规则")),
)


def guessed(header, targets=ITEM, remembered=None):
    return {guess.header: guess.field for guess in columns_guess(header, targets, remembered)}


def test_chinese_english_and_messy_headers_find_their_fields():
    want = ["code", "name", "unit", "safety_stock", "lot_rule"]
    assert list(guessed(["物料编码", "物料名称", "计量单位", "安全库存(件)", "批量规则"]).values()) == want
    assert list(guessed(["Part No.", "DESCRIPTION", "UoM", "Safety_Stock", "LOT RULE"]).values()) == want
    assert list(guessed(["料 号*", "品名", "单位", "安全库存量", "批量 规则【L4L】"]).values()) == want


def test_a_column_nobody_knows_is_left_alone():
    assert guessed(["编码", "图片链接", "zzz"]) == {"编码": "code"}


def test_each_field_is_taken_once_and_the_better_column_wins():
    assert guessed(["物料编码", "编码"]) == {"编码": "code"}


def test_what_was_remembered_wins_and_a_left_out_column_stays_out():
    remembered = {header_key("Artikel"): "code", header_key("名称"): ""}
    assert guessed(["Artikel", "名称", "单位"], remembered=remembered) == {"Artikel": "code", "单位": "unit"}


def test_bom_columns_are_told_apart():
    bom = (
        Target("item", ("Item", "物料")),
        Target("component", ("Component", "子件")),
        Target("quantity_per", ("Quantity per base", "单位用量")),
    )
    assert guessed(["产品编码", "子件编码", "单耗数量"], bom) == {
        "产品编码": "item",
        "子件编码": "component",
        "单耗数量": "quantity_per",
    }


def test_the_header_is_found_under_title_lines_and_merged_cells():
    rows = [
        ["某某公司物料清单", "", "", ""],
        ["编码", "名称", "计划", ""],
        ["", "", "单位", "安全库存"],
        ["00123", "螺栓", "个", 5],
    ]
    assert header_row_guess(rows, ITEM) == 3
    assert header_merged(rows, 3) == ["编码", "名称", "单位", "安全库存"]


def test_a_header_in_two_languages_is_known_by_either():
    assert guessed(["物料编码 Item code *", "名称 / Name", "计量单位 UoM"]) == {
        "物料编码 Item code *": "code",
        "名称 / Name": "name",
        "计量单位 UoM": "unit",
    }
