"""All import targets by key: the composite ones, and every entity that may be written."""

from forms_engine.core.entity import UnknownEntity, entities
from forms_engine.kernel.errors import NotFound
from forms_engine.kernel.text import Text as T
from jit.exchange.targets.base import ImportTarget
from jit.exchange.targets.bom import BomTarget
from jit.exchange.targets.entity import EntityTarget
from jit.exchange.targets.firm import FirmTarget
from jit.exchange.targets.stock import StockTarget

COMPOSITE: dict[str, ImportTarget] = {
    target.key: target for target in (BomTarget(), StockTarget(), FirmTarget())
}
#: In the order in which a plant is loaded: what a row points at comes before it.
ORDER = (
    "catalog.unit",
    "catalog.unitconversion",
    "catalog.workcalendar",
    "catalog.plant",
    "catalog.location",
    "catalog.workcentre",
    "catalog.packaging",
    "catalog.supplier",
    "catalog.item",
    "catalog.sourcingrule",
    "bom",
    "supply.agreement",
    "supply.controlcycle",
    "stock",
    "planning.demand",
    "firm",
    "supply.inboundrequirement",
    "supply.plannedtruck",
    "supply.trucklane",
)


class UnknownTarget(NotFound):
    """Nothing can be imported under this key."""

    code = "exchange.target.unknown"


def target_of(key: str) -> ImportTarget:
    """Return the target of a key: a composite one, or an entity one may write. Raises: UnknownTarget."""
    if key in COMPOSITE:
        return COMPOSITE[key]
    try:
        found = entities().get(key)
    except UnknownEntity:
        found = None
    if found is None or found.read_only:
        raise UnknownTarget(
            T("Nothing can be imported into “%(key)s”.", "不能导入到“%(key)s”。", key=key[:80])
        )
    return EntityTarget(key)


def targets_all() -> list[ImportTarget]:
    """Return every target: the plant's in loading order, then admin-made entities, then the rest."""
    known = entities().by_key
    open_keys = [key for key, found in known.items() if not found.read_only]
    ordered = [key for key in ORDER if key in COMPOSITE or key in open_keys]
    rest = sorted(set(open_keys) - set(ordered), key=lambda key: (not known[key].is_custom, key))
    return [target_of(key) for key in (*ordered, *rest)]
