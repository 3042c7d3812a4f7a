"""The sentences of a refusal, for the place on the page they belong to."""

from __future__ import annotations

from django.utils import translation

from forms_engine.kernel.errors import MesError


def refusal_words(refusal: MesError) -> dict[str, list[str]]:
    """Return the sentences of a refusal by field path; "" = the whole form."""
    language = translation.get_language()
    found: dict[str, list[str]] = {}
    for error in refusal.errors:
        found.setdefault(error.field or "", []).append(error.in_language(language))
    return found or {"": [refusal.in_language(language)]}
