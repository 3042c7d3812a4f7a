"""Label texts come back as they went, or are refused."""

import re

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from jit.catalog.label_code import FIELDS, LabelFault, label_fitting, label_read, label_write


def test_a_package_label_is_short_and_alphanumeric():
    text = label_write(
        "P", package="340123450000000017", shipment="ASN-26-00042", item="00123", quantity="50"
    )
    assert re.fullmatch(r"[0-9A-Z $%*+\-./:]+", text) and len(text) < 60
    assert label_read(text).values == {
        "package": "340123450000000017", "shipment": "ASN-26-00042", "item": "00123",
        "quantity": "50", "lot": "",
    }  # fmt: skip


values = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(st.sampled_from(sorted(FIELDS)), st.data())
def test_every_text_survives(kind, data):
    given_values = {name: data.draw(values) for name in FIELDS[kind]}
    try:
        text = label_write(kind, **given_values)
    except ValueError:
        assert sum(map(len, given_values.values())) > 20
        return
    assert label_read(text).values == given_values


def test_a_blank_at_an_end_survives_the_trimming_of_scanners():
    lot = " L 1 "
    text = label_write("P", package="1", shipment="2", item="3", quantity="4", lot=lot)
    assert text == text.strip() and label_read(text).values["lot"] == lot


@given(st.data())
def test_a_damaged_label_is_refused(data):
    text = label_write("A", shipment="ASN-1", supplier="0002496900", packages="12")
    place = data.draw(st.integers(0, len(text) - 1))
    wrong = data.draw(st.sampled_from("0123456789ABCXYZ/%"))
    if wrong != text[place]:
        with pytest.raises(LabelFault):
            label_read(text[:place] + wrong + text[place + 1 :])


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "foreign"), ("340123450000000017", "foreign"),
     ("T2A/0000/X", "version"), ("T1Z/0000/X", "kind"), ("T1A/0000/X", "check")],
)  # fmt: skip
def test_a_foreign_code_says_why(text, reason):
    with pytest.raises(LabelFault) as fault:
        label_read(text)
    assert fault.value.reason == reason


def test_a_printed_code_is_read_by_a_scanner():
    text = label_write("A", shipment="发货-7", supplier="0002496900", packages="12")
    image = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=4)
    assert label_read(zxingcpp.read_barcode(image).text).values["shipment"] == "发货-7"


def test_a_label_too_long_for_its_code_leaves_out_what_the_dock_can_look_up():
    values = {"package": "HU1", "shipment": "ASN1", "item": "A-1", "quantity": "5", "lot": "批" * 60}
    found = label_read(label_fitting("P", spare=("lot", "item"), **values)).values
    assert found == {**values, "lot": ""}
    found = label_read(label_fitting("P", spare=("lot", "item"), **{**values, "item": "料" * 60})).values
    assert (found["package"], found["item"], found["lot"]) == ("HU1", "", "")
