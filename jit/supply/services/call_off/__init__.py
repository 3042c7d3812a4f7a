"""The life of a call-off up to the moment it is shipped, one file a verb."""

from jit.supply.services.call_off.change import (
    calloff_cancel,
    calloff_change,
    calloff_hold,
    calloff_resume,
    calloff_short_close,
    calloffs_change,
)
from jit.supply.services.call_off.draft import CallOffDraft, calloff_built, calloff_emergency
from jit.supply.services.call_off.release import (
    agreement_for,
    calloff_mark_sent,
    calloff_release,
    calloff_release_many,
    proposals,
    proposals_to_release,
    release_problem,
)
from jit.supply.services.call_off.reply import calloff_reply, calloff_see
from jit.supply.services.call_off.row import (
    CallOffNotOpen,
    CallOffRefused,
    firm_quantity,
    fraction_fault,
    locked,
    require_state,
    zone_of,
)

__all__ = [
    "CallOffDraft",
    "CallOffNotOpen",
    "CallOffRefused",
    "agreement_for",
    "calloff_built",
    "calloff_cancel",
    "calloff_change",
    "calloff_emergency",
    "calloff_hold",
    "calloff_mark_sent",
    "calloff_release",
    "calloff_release_many",
    "calloff_reply",
    "calloff_resume",
    "calloff_see",
    "calloff_short_close",
    "calloffs_change",
    "firm_quantity",
    "fraction_fault",
    "locked",
    "proposals",
    "proposals_to_release",
    "release_problem",
    "require_state",
    "zone_of",
]
