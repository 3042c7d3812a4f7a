"""One of a short list, with colours and retired entries that old records keep."""

from forms_engine.fields.base import FieldType, option, refuse, register
from forms_engine.fields.entries import choices_of
from forms_engine.fields.limits import text_of
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@register
class ChoiceField(FieldType):
    key = "choice"
    label = Text("Choice", "单选")
    icon = "list-check"
    fx_type = "text"
    options = Schema(
        (
            option("choices", "long_text", "Entries", "选项", required=True,
                   help=Text("One a line: value | English | 中文 | colour",
                             "每行一项：值 | 英文 | 中文 | 颜色")),
        )
    )  # fmt: skip

    def parser(self, spec):
        entries = choices_of(spec)
        values = {entry["value"]: entry["value"] for entry in entries}
        # Imported sheets hold the words people read; they count unless two entries share them.
        words: dict[str, str | None] = {}
        for entry in entries:
            for word in {entry["label"].en, entry["label"].zh}:
                words[word] = None if word in words else entry["value"]

        def parse(raw, ctx):
            text = raw if type(raw) is str else text_of(raw)
            value = values.get(text)
            if value is None:
                value = values.get(text.strip()) or words.get(text.strip())
            if value is None:
                raise refuse("choice.unknown", "Choose one of the list.", "请从列表中选择。")
            return value

        return parse

    def cleaner(self, spec):
        parse = self.parser(spec)
        retired = {entry["value"] for entry in choices_of(spec) if entry["retired"]}
        if not retired:
            return parse

        def clean(raw, ctx):
            value = parse(raw, ctx)
            if value in retired and ctx.record.get(spec.name) != value:
                raise refuse("choice.retired", "This entry is no longer offered.", "该选项已停用。")
            return value

        return clean

    def display(self, spec, value, language="en"):
        if value is None:
            return ""
        for entry in choices_of(spec):
            if entry["value"] == value:
                return entry["label"].in_language(language)
        return str(value)

    def check(self, spec):
        values = [entry["value"] for entry in choices_of(spec)]
        if not values or "" in values or len(set(values)) != len(values):
            return [
                FieldError(
                    "choices",
                    "field.bad_choices",
                    Text("Entries need values, each once.", "选项需要值，且不可重复。"),
                )
            ]
        return []

    def example(self, spec):
        entries = [entry["value"] for entry in choices_of(spec) if not entry["retired"]]
        return entries[0] if entries else None
