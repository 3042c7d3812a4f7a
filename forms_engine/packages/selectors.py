"""Reading what packages installed: the menu of an actor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.alerts.models import AlertRule
from forms_engine.core.entity import Entity, entities
from forms_engine.kernel.text import Text as T
from forms_engine.packages.models import MenuItem

OWN = T("Own records", "本厂数据")
OWN_POSITION = 600


@dataclass
class MenuGroup:
    """A titled part of the menu."""

    label: str
    items: list[dict[str, Any]] = field(default_factory=list)


def menu_entries(actor: Actor) -> list[MenuItem]:
    """Return the entries an actor may open, in order."""
    found = []
    known = entities().by_key
    rows = list(MenuItem.objects.filter(archived_at=None))
    named = {row.entity for row in rows if row.entity}
    rows += [_own_entry(noun) for noun in known.values() if noun.is_custom and noun.key not in named]
    for row in sorted(rows, key=lambda row: (row.position, row.key)):
        if row.roles and not actor.is_admin and not actor.roles & set(row.roles):
            continue
        if row.entity and (row.entity not in known or not policy.can(actor, policy.READ, known[row.entity])):
            continue
        found.append(row)
    return found


def _own_entry(noun: Entity) -> MenuItem:
    """Return the entry (of no package, in no table) of an admin-made entity that nobody has given one."""
    return MenuItem(
        key=f"own.{noun.key}",
        group_en=OWN.en,
        group_zh=OWN.zh,
        label_en=noun.plural.in_language("en"),
        label_zh=noun.plural.in_language("zh"),
        url=f"/e/{noun.key}/",
        icon=noun.icon,
        entity=noun.key,
        position=OWN_POSITION,
    )


def menu_of(entries: list[MenuItem], language: str, path: str) -> list[MenuGroup]:
    """Return the entries as groups, the one the page belongs to marked active."""
    zh = language.startswith("zh")
    groups: list[MenuGroup] = []
    best = max(
        (row for row in entries if path.startswith(row.url)), key=lambda row: len(row.url), default=None
    )
    for row in entries:
        label = row.group_zh if zh else row.group_en
        if not groups or groups[-1].label != label:
            groups.append(MenuGroup(label))
        groups[-1].items.append(
            {
                "label": row.label_zh if zh else row.label_en,
                "url": row.url,
                "icon": row.icon,
                "key": row.key,
                "active": best is not None and row.pk == best.pk,
                "phone": row.on_phone,
            }
        )
    return groups


def home_of(entries: list[MenuItem], actor: Actor) -> str:
    """Return the address of an actor's home page: the first home entry of one of its roles."""
    homes = [row for row in entries if row.is_home]
    own = [row for row in homes if set(row.roles) & actor.roles]
    chosen = (own or homes or entries)[:1]
    return chosen[0].url if chosen else "/e/"


def alert_rules() -> list[AlertRule]:
    """Return the watches there are."""
    return list(AlertRule.objects.filter(archived_at=None).order_by("key"))
