"""What the door writes and what services publish reaches open pages by itself."""

from __future__ import annotations

from forms_engine.access.endings import on_changed
from forms_engine.core.pushing import push_through
from forms_engine.journal.services import on_published
from forms_engine.live.services import ends_push, push_event, send

push_through(send)
on_published(push_event)
on_changed(ends_push)
