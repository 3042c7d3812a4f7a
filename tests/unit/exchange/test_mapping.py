"""Columns find their fields."""

from jit.exchange.mapping import Target, columns_guess, header_key, header_merged, header_row_guess

ITEM = (
    Target("code", ("Code", "编码"), True),
    Target("name", ("Name", "名称"), True),
    Target("uom", ("Unit", "单位"), True),
    Target("safety_stock", ("Safety stock", "安全库存")),
    Target("lead_time_days", ("Lead time (days)", "提前期（天）")),
)


def guessed(header, targets=ITEM, remembered=None):
    return {guess.header: guess.field for guess in columns_guess(header, targets, remembered)}


def test_chinese_english_and_messy_headers_find_their_fields():
    want = ["code", "name", "uom", "safety_stock", "lead_time_days"]
    assert list(guessed(["物料编码", "物料名称", "计量单位", "安全库存(件)", "提前期"]).values()) == want
    assert list(guessed(["Part No.", "DESCRIPTION", "UoM", "Safety_Stock", "Lead Time"]).values()) == want
    assert list(guessed(["料 号*", "品名", "单位", "安全库存量", "提前期【天】"]).values()) == want


def test_a_column_nobody_knows_is_left_alone():
    assert guessed(["编码", "图片链接", "zzz"]) == {"编码": "code"}


def test_each_field_is_taken_once_and_the_better_column_wins():
    assert guessed(["物料编码", "编码"]) == {"编码": "code"}


def test_what_was_remembered_wins_and_a_left_out_column_stays_out():
    remembered = {header_key("Artikel"): "code", header_key("名称"): ""}
    assert guessed(["Artikel", "名称", "单位"], remembered=remembered) == {"Artikel": "code", "单位": "uom"}


def test_bom_columns_are_told_apart():
    bom = (
        Target("item", ("Item", "物料")),
        Target("component", ("Component", "子件")),
        Target("quantity", ("Quantity", "数量")),
    )
    assert guessed(["产品编码", "子件编码", "单耗数量"], bom) == {
        "产品编码": "item",
        "子件编码": "component",
        "单耗数量": "quantity",
    }


def test_the_header_is_found_under_title_lines_and_merged_cells():
    rows = [
        ["某某公司物料清单", "", "", ""],
        ["编码", "名称", "计划", ""],
        ["", "", "单位", "安全库存"],
        ["00123", "螺栓", "个", 5],
    ]
    assert header_row_guess(rows, ITEM) == 3 or header_row_guess(rows, ITEM) == 2
    assert header_merged(rows, 3) == ["编码", "名称", "单位", "安全库存"]
