"""Lists, filters, groups and single records of any entity, with the actor's rights inside."""

from forms_engine.core.query.more import lookup, record_history, search_all
from forms_engine.core.query.pages import (
    RecordNotFound,
    dumped,
    query_iter,
    query_json,
    query_page,
    reading,
    record_get,
    record_json,
)
from forms_engine.core.query.spec import BadQuery, FieldUnknown, Page, QuerySpec, spec_from

__all__ = [
    "BadQuery",
    "FieldUnknown",
    "Page",
    "QuerySpec",
    "RecordNotFound",
    "dumped",
    "lookup",
    "query_iter",
    "query_json",
    "query_page",
    "reading",
    "record_get",
    "record_history",
    "record_json",
    "search_all",
    "spec_from",
]
