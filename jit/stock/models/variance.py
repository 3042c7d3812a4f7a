"""What a backflush could not find on the shelf: a queue with an owner, instead of negative stock."""

from django.db import models

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class Variance(BaseModel):
    """A quantity used according to the BOM that the books did not hold; a count settles it."""

    class State(Choices):
        OPEN = "OPEN", T("Open", "待处理")
        RESOLVED = "RESOLVED", T("Resolved", "已处理")

    item = c.to("catalog.Item", T("Item", "物料"))
    location = c.to("catalog.Location", T("Location", "库位"))
    quantity = c.quantity(T("Missing quantity", "缺额"))
    state = c.state(State, State.OPEN)
    document = c.code(T("Document", "单据"))
    document_id = models.UUIDField(T("Document id", "单据标识"), null=True, blank=True, db_index=True)
    occurred_at = c.moment(T("Happened at", "发生时间"))
    resolution = c.note(T("Resolution", "处理说明"))
    resolved_at = c.moment(T("Resolved at", "处理时间"), null=True, blank=True)
    posting = c.to("stock.Posting", T("Settled by", "处理凭证"), null=True)

    class Meta:
        verbose_name = T("Variance", "差异")
        verbose_name_plural = T("Variances", "差异队列")
