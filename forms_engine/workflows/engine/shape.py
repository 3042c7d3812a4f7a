"""What is wrong with the shape of a drawing, before anything in it is understood: every fault, by path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.text import Text

SLUG = re.compile(r"[a-z][a-z0-9_]{0,49}\Z")
MAX_NODES = 300
WITHDRAW_RULES = ("never", "before_first_decision", "any_time")
_SETTINGS = frozenset({"withdraw", "max_rounds", "one_at_a_time"})
_NODE_KEYS = frozenset({"id", "type", "title", "options", "next", "at"})
_GRAPH_KEYS = frozenset({"slug", "title", "entity", "settings", "nodes"})


def fault(path: str, en: str, zh: str) -> FieldError:
    return FieldError(
        path, "workflows.graph.invalid", Text(en.replace("%", "%%"), zh.replace("%", "%%"), _="")
    )


def _unquoted(path: str, value: bool, written: str, where: tuple[str, str] = ("", "")) -> FieldError:
    """Say that YAML took a word for true or false; `written` shows the mend, with %s for the word."""
    words = written % _word(value)
    en = f"{where[0]}YAML reads yes, no, on and off as true and false. Put the word in quotes: {words}"
    zh = f"{where[1]}YAML 会把 yes、no、on、off 读成真或假。请给该词加上引号：{words}"
    told = Text(en.replace("%", "%%"), zh.replace("%", "%%"), _="")
    return FieldError(path, "workflows.graph.unquoted", told)


def _word(value: Any) -> str:
    return ('"yes"' if value else '"no"') if isinstance(value, bool) else str(value)


def shape_faults(data: Any) -> Iterable[FieldError]:
    if not isinstance(data, Mapping):
        yield fault("", "A flow is a mapping.", "流程定义应为键值结构。")
        return
    for key in data.keys() - _GRAPH_KEYS:
        yield fault(str(key), f"Unknown key “{key}”.", f"无法识别“{key}”。")
    for part, value, written in (("slug", data.get("slug"), "slug: %s"), *_title_words(data.get("title"))):
        if isinstance(value, bool):
            yield _unquoted(part, value, written)
    if isinstance(data.get("slug"), bool):
        pass  # said just above
    elif not isinstance(data.get("slug"), str) or not SLUG.match(data["slug"]):
        yield fault(
            "slug", "A short name has lower-case letters, digits and _.", "标识由小写字母、数字和下划线组成。"
        )
    if not isinstance(data.get("entity") or "", str):
        yield fault("entity", "The entity is given by its key.", "应填写业务对象的标识。")
    yield from _settings_faults(data.get("settings") or {})
    nodes = data.get("nodes")
    if not isinstance(nodes, list | tuple) or not nodes:
        yield fault("nodes", "A flow needs nodes.", "流程需要节点。")
        return
    if len(nodes) > MAX_NODES:
        yield fault("nodes", f"At most {MAX_NODES} nodes.", f"最多 {MAX_NODES} 个节点。")
        return
    seen: set[str] = set()
    for row, item in enumerate(nodes):
        if isinstance(item, Mapping):
            kind = item.get("type")
            where = (f"Node {row + 1} ({kind}): ", f"第 {row + 1} 个节点（{kind}）：")
            for part, value, written in _node_booleans(item):
                yield _unquoted(f"nodes.{row}.{part}", value, written, where)
        yield from _node_faults(f"nodes.{row}", item, seen)


def _node_booleans(item: Mapping[Any, Any]) -> Iterable[tuple[str, bool, str]]:
    """Find true and false where a node wants a name or words: (place, value, how the mend is written)."""
    ways, options = item.get("next"), item.get("options")
    ways = ways if isinstance(ways, Mapping) else {}
    options = options if isinstance(options, Mapping) else {}
    back, branches = options.get("return_to"), options.get("branches")
    found = [("id", item.get("id"), "id: %s"), *_title_words(item.get("title"))]
    found += [("next", port, "next: {%s: …}") for port in ways]
    found += [("next", target, f"next: {{{_word(port)}: %s}}") for port, target in ways.items()]
    found += [("options.return_to", one, "return_to: [%s]") for one in _items(back)]
    found += [
        ("options.branches", one.get("port"), "port: %s")
        for one in _items(branches)
        if isinstance(one, Mapping)
    ]
    return [one for one in found if isinstance(one[1], bool)]


def _title_words(title: Any) -> list[tuple[str, Any, str]]:
    if isinstance(title, Mapping):
        return [("title", words, f"title: {{{language}: %s}}") for language, words in title.items()]
    return [("title", title, "title: %s")]


def _items(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else ()


def _settings_faults(settings: Any) -> Iterable[FieldError]:
    if not isinstance(settings, Mapping) or settings.keys() - _SETTINGS:
        yield fault(
            "settings",
            f"Settings are {', '.join(sorted(_SETTINGS))}.",
            f"设置项只有{'、'.join(sorted(_SETTINGS))}。",
        )
        return
    if settings.get("withdraw", "never") not in WITHDRAW_RULES:
        yield fault(
            "settings.withdraw",
            f"One of {', '.join(WITHDRAW_RULES)}.",
            f"可选：{'、'.join(WITHDRAW_RULES)}。",
        )
    rounds = settings.get("max_rounds", 1)
    if not isinstance(rounds, int) or isinstance(rounds, bool) or not 1 <= rounds <= 1000:
        yield fault("settings.max_rounds", "A whole number from 1 to 1000.", "应为 1 至 1000 的整数。")
    if not isinstance(settings.get("one_at_a_time", True), bool):
        yield fault("settings.one_at_a_time", "Yes or no.", "应为是或否。")


def _node_faults(path: str, item: Any, seen: set[str]) -> Iterable[FieldError]:
    if not isinstance(item, Mapping):
        yield fault(path, "A node is a mapping.", "节点应为键值结构。")
        return
    for key in item.keys() - _NODE_KEYS:
        yield fault(f"{path}.{key}", f"Unknown key “{key}”.", f"无法识别“{key}”。")
    node_id = item.get("id")
    if isinstance(node_id, bool):
        pass  # said by `_node_booleans`
    elif not isinstance(node_id, str) or not SLUG.match(node_id):
        yield fault(
            f"{path}.id",
            "A short name has lower-case letters, digits and _.",
            "标识由小写字母、数字和下划线组成。",
        )
    elif node_id in seen:
        yield fault(f"{path}.id", f"Two nodes are called “{node_id}”.", f"两个节点都叫“{node_id}”。")
    else:
        seen.add(node_id)
    if not isinstance(item.get("type"), str):
        yield fault(f"{path}.type", "A node needs a type.", "节点需要类型。")
    if not isinstance(item.get("title") or "", str | Mapping | Text | bool):
        yield fault(
            f"{path}.title", "A title is words, or one for each language.", "标题应为文字，或按语言填写。"
        )
    options = item.get("options") or {}
    if not isinstance(options, Mapping) or not _is_plain(options):
        yield fault(f"{path}.options", "Options are plain JSON values.", "选项只能是普通 JSON 值。")
    ways = item.get("next") or {}
    if not isinstance(ways, Mapping) or not all(
        isinstance(v, str | bool) and isinstance(k, str | bool) for k, v in ways.items()
    ):
        yield fault(
            f"{path}.next", "“next” maps a way out to the id of a node.", "next 应为出口到节点标识的对应。"
        )
    place = item.get("at")
    if place is not None and (
        not isinstance(place, list | tuple)
        or len(place) != 2
        or not all(isinstance(v, int | float) for v in place)
    ):
        yield fault(f"{path}.at", "A place is two numbers, x and y.", "位置为 x、y 两个数。")


def _is_plain(value: Any, depth: int = 0) -> bool:
    if depth > 12:
        return False
    if isinstance(value, Mapping):
        return all(isinstance(k, str) and _is_plain(v, depth + 1) for k, v in value.items())
    if isinstance(value, list | tuple):
        return all(_is_plain(item, depth + 1) for item in value)
    return value is None or isinstance(value, str | int | float | bool)
