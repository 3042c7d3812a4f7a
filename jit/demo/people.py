"""The sample people of the demo plant: one for each role, with one published password."""

from __future__ import annotations

from django.conf import settings

from forms_engine.access.actor import Actor
from forms_engine.access.models import User
from forms_engine.access.services import user_create
from jit.catalog.models import Supplier

#: user name → (name in Chinese, roles)
PEOPLE: dict[str, tuple[str, tuple[str, ...]]] = {
    "planner": ("王计划", ("planner",)),
    "buyer": ("李采购", ("buyer",)),
    "approver": ("陈主管", ("approver",)),
    "warehouse": ("赵仓管", ("warehouse",)),
    "operator": ("孙师傅", ("operator",)),
    "manager": ("周经理", ("manager",)),
    "admin": ("管理员", ("admin",)),
}


def people_make(*, actor: Actor, supplier: Supplier | None) -> None:
    """Make whoever is missing; people who stand keep what they changed."""
    for name, (title, roles) in PEOPLE.items():
        if not User.objects.filter(username=name).exists():
            user_create(
                actor=actor,
                username=name,
                password=settings.SAMPLE_PASSWORD,
                roles=roles,
                first_name=title,
                is_superuser=name == "admin",
            )
    if supplier is not None and not User.objects.filter(username="supplier").exists():
        user_create(
            actor=actor,
            username="supplier",
            password=settings.SAMPLE_PASSWORD,
            roles=("supplier",),
            first_name=supplier.contact or supplier.name,
            supplier_id=supplier.pk,
        )
