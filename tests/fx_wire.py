"""How formula values travel between these tests and node; the twin of `tests/js/fx_wire.mjs`."""

import datetime as dt
import json
import pathlib
import subprocess
from decimal import Decimal

from forms_engine.kernel.expressions.values import FxError, milliseconds, text
from jit.config.boot.frontend import node_find

ROOT = pathlib.Path(__file__).parent.parent


def write(value):
    if value is None:
        return None
    if isinstance(value, FxError):
        return ["e", value.code]
    if isinstance(value, bool):
        return ["b", value]
    if isinstance(value, Decimal):
        return ["n", text(value)]
    if isinstance(value, dt.datetime):
        return ["m", milliseconds(value)]
    if isinstance(value, dt.date):
        return ["d", value.isoformat()]
    if isinstance(value, list):
        return ["l", [write(item) for item in value]]
    return ["s", value]


def read(wire):
    if wire is None:
        return None
    kind, value = wire
    if kind == "n":
        return Decimal(value)
    if kind == "d":
        return dt.date.fromisoformat(value)
    if kind == "m":
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=value)
    if kind == "l":
        return [read(item) for item in value]
    return FxError(value) if kind == "e" else value


def node_run(cases, script="fx_batch.mjs"):
    """Run cases in one node process; the results in the same order."""
    node, _ = node_find()
    done = subprocess.run(
        [*node, str(ROOT / "tests/js" / script)],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)
