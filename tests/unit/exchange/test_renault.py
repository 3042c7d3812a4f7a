"""Renault rows by hand: what is refused, and where it is."""

from jit.exchange.formats.renault import RowFault, items_read, trucks_read

ITEM = {
    "Item ident": "I1", "Supplier code": "0002", "Supplier dock": "", "Plant code": "0090",
    "Plant dock": "1GRA", "Product code": "0007R", "Package code": "SLI---0770",
    "Number of items": "6", "Length": "1200",
    "Width": "1000", "Height": "975", "Weight": "302,920", "Earliest arrival time": "202307190000",
    "Latest arrival time": "202307241100",
}  # fmt: skip
TRUCK = {
    "Supplier code": "0002", "Supplier loading order": "1", "Supplier dock": "",
    "Supplier dock loading order": "1",
    "Plant code": "0090", "Plant dock": "1GRA", "Plant dock loading order": "1", "Product code": "0007R",
    "Arrival time": "202307201200", "Id truck": "P1", "Length": "13500", "Width": "2440", "Height": "2800",
    "Max weight": "25000",
}  # fmt: skip


def test_a_row_keeps_zeros_empty_docks_and_grams():
    (item,), faults = items_read([(2, ITEM)])
    assert faults == []
    assert (item.lane.supplier, item.lane.supplier_dock, item.package_grams) == ("0002", "", 302_920)


def test_every_bad_row_is_said_with_its_cell_and_the_good_ones_stay():
    rows = [
        (2, ITEM),
        (3, ITEM),
        (4, ITEM | {"Item ident": "I2", "Weight": "0,0001"}),
        (5, ITEM | {"Item ident": "I3", "Number of items": "-1"}),
        (6, ITEM | {"Item ident": "I4", "Latest arrival time": "202307180000"}),
        (7, ITEM | {"Item ident": "I5", "Earliest arrival time": "2023-07-19"}),
        (8, ITEM | {"Item ident": "I6", "Product code": " "}),
        (9, ITEM | {"Item ident": "I7"}),
    ]
    items, faults = items_read(rows)
    assert [item.ident for item in items] == ["I1", "I7"]
    assert faults == [
        RowFault(3, "Item ident", "duplicate", "I1"),
        RowFault(4, "Weight", "not_a_weight", "0,0001"),
        RowFault(5, "Number of items", "not_a_positive_integer", "-1"),
        RowFault(6, "Latest arrival time", "window_reversed", "202307180000"),
        RowFault(7, "Earliest arrival time", "not_a_time", "2023-07-19"),
        RowFault(8, "Product code", "required", ""),
    ]


def test_a_truck_is_its_rows_and_its_head_must_not_change():
    rows = [
        (2, TRUCK),
        (3, TRUCK | {"Product code": "0008R"}),
        (4, TRUCK | {"Product code": "9", "Max weight": "1"}),
    ]
    (truck,), faults = trucks_read(rows)
    assert [stop.lane.product for stop in truck.stops] == ["0007R", "0008R"]
    assert faults == [RowFault(4, "Id truck", "head_differs", "P1")]
