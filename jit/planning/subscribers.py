"""What planning does when the plant moves: plan again, at most once a minute; keep line cover true."""

from __future__ import annotations

from forms_engine.access.actor import Actor
from forms_engine.journal.events import StoredEvent
from forms_engine.journal.subscription import subscribe
from jit.planning.services import pegging, replan, run


@subscribe("planning.planrun.finished", name="planning.release_automatically")
def release_automatically(event: StoredEvent) -> None:
    """Release the proposals of control cycles that say so."""
    run.calls_release_automatically(actor=Actor.system("planning"), run_id=event.record_id)


@subscribe("supply.calloff.released", name="planning.pegs_at_release")
def pegs_at_release(event: StoredEvent) -> None:
    """Keep whom a call-off was released for: later runs compute other pegs."""
    pegging.pegs_store(calloff_id=event.record_id)


@subscribe("stock.posting.posted", name="planning.cover_after_stock")
def cover_after_stock(event: StoredEvent) -> None:
    """Line cover follows every posting at once, without a run: boards must not wait for one."""
    replan.cover_refresh(items=event.payload.get("items", ()), locations=event.payload.get("locations", ()))


@subscribe(*replan.REASONS, name="planning.plan_again")
def plan_again(event: StoredEvent) -> None:
    """Ask for a run; requests within a minute become one."""
    replan.run_soon(topic=event.topic)
