"""Tell open pages that something changed, never what: they read it again under their own rights."""

from __future__ import annotations

from forms_engine.live.services import push

__all__ = ["push"]
