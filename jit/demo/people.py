"""The sample people of the demo plant: one for each role, with one published password."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from forms_engine.access.actor import Actor
from forms_engine.access.models import Token, User
from forms_engine.access.services import token_create, token_revoke, user_create
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
    if supplier is None:
        return
    if not User.objects.filter(username="supplier").exists():
        user_create(
            actor=actor,
            username="supplier",
            password=settings.SAMPLE_PASSWORD,
            roles=("supplier",),
            first_name=supplier.contact or supplier.name,
            supplier_id=supplier.pk,
        )
    else:  # after a reset the supplier is another record
        User.objects.filter(username="supplier").update(supplier_id=supplier.pk)
    for code, pk in Supplier.objects.values_list("code", "pk"):
        User.objects.filter(username=f"sim-s-{code}").update(supplier_id=pk)


#: Simulated people: role → name. Suppliers' robots come from the suppliers themselves.
ROBOTS = {
    "planner": "模拟计划员",
    "approver": "模拟审批人",
    "buyer": "模拟采购员",
    "warehouse": "模拟仓管",
    "operator": "模拟操作工",
    "manager": "模拟观察员",
}
TOKEN_NAME = "simulator"  # noqa: S105 - a label


@dataclass(frozen=True)
class Credential:
    """With what a robot enters."""

    name: str
    user_id: str
    token: str


def robots_make(*, actor: Actor) -> dict[str, Credential]:
    """Make the simulated people who are missing; each gets a fresh token, the former one stops.

    Returns role (a supplier's: `supplier:<code>`) → credential. Robots have no password.
    """
    wanted = {role: (f"sim-{role}", name, role, None) for role, name in ROBOTS.items()}
    for supplier in Supplier.objects.filter(archived_at=None).order_by("code"):
        name = f"模拟·{supplier.name}"
        wanted[f"supplier:{supplier.code}"] = (f"sim-s-{supplier.code}", name, "supplier", supplier.pk)
    return {key: _robot(actor, *row) for key, row in wanted.items()}


def _robot(actor: Actor, username: str, name: str, role: str, supplier_id: UUID | None) -> Credential:
    user = User.objects.filter(username=username).first()
    if user is None:
        user = user_create(
            actor=actor, username=username, roles=(role,), first_name=name, supplier_id=supplier_id
        )
    elif user.supplier_id != supplier_id:
        user.supplier_id = supplier_id
        user.save(update_fields=["supplier_id"])
    for old in Token.objects.filter(user=user, name=TOKEN_NAME, revoked_at=None):
        token_revoke(actor=actor, token=old)
    _, secret = token_create(actor=actor, user=user, name=TOKEN_NAME)
    return Credential(name, str(user.pk), secret)
