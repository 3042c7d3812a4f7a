"""Take an import back: rows it made go, rows it changed get their old values, touched ones stay."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import IntegrityError

from forms_engine.access.actor import Actor
from forms_engine.access.policy import require
from forms_engine.base import db
from forms_engine.journal.models import RowChange
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict
from forms_engine.kernel.text import Text as T
from jit.exchange.models import ImportBatch
from jit.exchange.services.imports import ENTITY
from jit.exchange.targets.registry import COMPOSITE
from jit.stock.models import Posting
from jit.stock.services import AlreadyReversed, StockShort, posting_reverse


class ImportNotApplied(Conflict):
    """There is nothing to take back."""

    code = "exchange.import.not_applied"


@dataclass(slots=True)
class Undone:
    """Rows removed, rows given their old values, rows kept because they were used or changed since."""

    removed: int = 0
    restored: int = 0
    kept: int = 0


def import_undo(*, actor: Actor, batch: ImportBatch) -> Undone:
    """Take the rows of an applied import back by the journal of its transaction, last change first.

    A row that was changed again since, or that others refer to, stays as it is and is counted.

    Raises: ImportNotApplied.
    """
    require(actor, f"{ENTITY}.undo", ENTITY, batch)
    done = Undone()
    with db.atomic():
        batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        if batch.state != ImportBatch.State.APPLIED or not batch.transaction_id:
            raise ImportNotApplied(T("This import was not applied, or taken back.", "该导入未执行或已撤销。"))
        tables = {model._meta.db_table for model in apps.get_models()}
        changes = RowChange.objects.filter(txid=batch.transaction_id, entity_table__in=tables).order_by("-id")
        for change in list(changes.exclude(entity_table=ImportBatch._meta.db_table)):
            _change_undo(change, done)
        if batch.target == COMPOSITE["stock"].key:
            _postings_reverse(actor, batch, done)
        batch.state, batch.undone_at = ImportBatch.State.UNDONE, clock.now()
        batch.save(update_fields=["state", "undone_at"])
    return done


def _change_undo(change: RowChange, done: Undone) -> None:
    later = RowChange.objects.filter(record_id=change.record_id, id__gt=change.pk)
    if later.exclude(txid=change.txid).exists():
        done.kept += 1
    elif change.verb == RowChange.Verb.INSERTED:
        if _row_delete(change):
            done.removed += 1
        else:
            done.kept += 1
    elif change.verb == RowChange.Verb.UPDATED:
        _row_restore(change)
        done.restored += 1


def _row_delete(change: RowChange) -> bool:
    try:
        with db.atomic(), db.connection().cursor() as cursor:
            table = db.connection().ops.quote_name(change.entity_table)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"DELETE FROM {table} WHERE id = %s", [change.record_id])  # noqa: S608 - a model's table
            return cursor.rowcount == 1
    except IntegrityError:
        return False


def _row_restore(change: RowChange) -> None:
    old: dict[str, Any] = change.old or {}
    quote = db.connection().ops.quote_name
    columns = ", ".join(quote(name) for name in old)
    table = quote(change.entity_table)
    if not old:
        return
    with db.connection().cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET ({columns}) = (SELECT {columns} FROM "  # noqa: S608 - a model's table and columns
            f"jsonb_populate_record(null::{table}, (SELECT old FROM journal_rowchange WHERE id = %s))) "
            "WHERE id = %s",
            [change.pk, change.record_id],
        )


def _postings_reverse(actor: Actor, batch: ImportBatch, done: Undone) -> None:
    for posting in Posting.objects.filter(document=batch.number).order_by("-recorded_at"):
        try:
            with db.atomic():
                posting_reverse(actor=actor, posting=posting, reason="import undone")
            done.restored += 1
        except (StockShort, AlreadyReversed):
            done.kept += 1
