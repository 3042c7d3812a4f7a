"""One call-off under its lock: which state it must be in, and what is to come of it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from forms_engine.kernel.errors import Conflict, MesError
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Unit
from jit.catalog.units import division_fault
from jit.supply.models import CallOff

State = CallOff.State


class CallOffNotOpen(Conflict):
    """The call-off is in a state that does not allow this."""

    code = "supply.calloff.not_open"


class CallOffRefused(MesError):
    """A guard of the release, a quantity or a time does not hold."""

    code = "supply.calloff.refused"


class CallOffFraction(CallOffRefused):
    """A quantity that divides its unit too finely."""

    code = "number.scale"


def locked(calloff_id: UUID) -> CallOff:
    """Read a call-off for writing."""
    return CallOff.objects.select_for_update(of=("self",)).get(pk=calloff_id)


def fraction_fault(calloff: CallOff, quantity: Decimal) -> T | None:
    """Return why a supplier's quantity divides the unit too finely, None if it does not.

    By the copies on the call-off: the supplier may not read the unit.
    """
    unit = Unit(code=calloff.unit_code, decimals=calloff.unit_decimals)
    return division_fault(quantity, unit, beside=calloff.quantity)


def require_state(calloff: CallOff, allowed: Iterable[str]) -> None:
    """Raises: CallOffNotOpen, naming the state it is in."""
    if calloff.state not in set(allowed):
        raise CallOffNotOpen(
            T(
                "Call-off %(number)s is %(state)s; this is no longer possible.",
                "叫料单 %(number)s 当前为「%(state)s」，不能再执行此操作。",
                number=calloff.number,
                state=State(calloff.state).label,
            )
        )


def firm_quantity(calloff: CallOff) -> Decimal:
    """What is to come: the confirmed quantity once there is one, else the required one."""
    return calloff.quantity if calloff.confirmed_quantity is None else calloff.confirmed_quantity


def zone_of(calloff: CallOff) -> ZoneInfo:
    """Return the zone of the plant a call-off delivers to."""
    return ZoneInfo(calloff.plant.zone)
