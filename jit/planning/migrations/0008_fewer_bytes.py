"""Write the nettings there are as packed rows (`jit.algorithms.packed_rows`), so that boards stay as they were."""

import numpy as np
from django.db import migrations

REQUIREMENT = np.dtype([("at", "<i4"), ("source", "<i4"), ("quantity", "<f8"), ("priority", "<i2")])
SUPPLY = np.dtype([("at", "<i4"), ("wanted", "<i4"), ("quantity", "<f8"), ("source", "<i4")])
AT_ONCE = 1000


def zigzag(values):
    return (values << 1) ^ (values >> 63)


def packed(at, source, extra, quantity):
    """Return rows as the planner packs them since this migration."""
    if not len(at):
        return b""
    is_whole = (quantity >= 0) & (quantity < 2.0**53) & (quantity == np.floor(quantity))
    at, source, extra = (np.asarray(column, "i8") for column in (at, source, extra))
    columns = (
        zigzag(np.diff(at, prepend=at[:1])),
        source << 1 | is_whole,
        zigzag(extra),
        quantity[is_whole].astype("i8"),
    )
    sizes = [
        next(size for size in (0, 1, 2, 4, 8) if int(column.max(initial=0)) < 256**size) for column in columns
    ]
    bodies = [
        column.astype(f"<u{size}").tobytes() for column, size in zip(columns, sizes, strict=True) if size
    ]
    head = np.array([len(at), (~is_whole).sum(), int(at[0]) & 0xFFFFFFFF], "<u4").tobytes() + bytes(sizes)
    data = b"".join((head, quantity[~is_whole].astype("<f8").tobytes(), *bodies))
    return data + bytes(-len(data) % 8)


def repack(apps, schema_editor):
    node = apps.get_model("planning", "PlanRunNode")
    rows, last = node.objects.using(schema_editor.connection.alias), 0
    while found := list(rows.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        for row in found:
            needs = np.frombuffer(bytes(row.requirements), REQUIREMENT)
            comes = np.frombuffer(bytes(row.supplies), SUPPLY)
            row.requirements = packed(needs["at"], needs["source"], needs["priority"], needs["quantity"])
            later = comes["wanted"].astype("i8") - comes["at"]
            row.supplies = packed(comes["at"], comes["source"], later, comes["quantity"])
            # The next run writes its own: what it takes digests of is no longer what it was.
            row.digest = b""
        rows.bulk_update(found, ["requirements", "supplies", "digest"])
        last = found[-1].pk


def forget(apps, schema_editor):
    """Take the nettings away: the next run writes them as it knows them."""
    apps.get_model("planning", "PlanRunNode").objects.using(schema_editor.connection.alias).all().delete()


class Migration(migrations.Migration):
    dependencies = [("planning", "0007_run_reason")]

    operations = [migrations.RunPython(repack, forget)]
