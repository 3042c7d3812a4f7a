"""Yes or no."""

from forms_engine.fields.base import FieldType, refuse, register
from forms_engine.fields.limits import narrow
from forms_engine.kernel.text import Text

YES = frozenset({"1", "true", "yes", "y", "on", "t", "是", "真", "有", "√"})
NO = frozenset({"0", "false", "no", "n", "off", "f", "否", "假", "无", "×"})


@register
class BooleanField(FieldType):
    key = "boolean"
    label = Text("Yes or no", "是否")
    icon = "toggle-right"
    pg_type = "boolean"
    fx_type = "boolean"
    operators = ("eq", "ne", "empty", "not_empty")
    aggregates = ("count",)

    def read_form(self, spec, data, prefix=""):
        """A box that is not ticked is not sent, or leaves the empty hidden input before it: that is a no."""
        return data.get(prefix + spec.name) or False

    def parser(self, spec):
        def parse(raw, ctx):
            if raw is True or raw is False:
                return raw
            if isinstance(raw, str):
                word = narrow(raw[:20]).lower()
                if word in YES:
                    return True
                if word in NO:
                    return False
            elif isinstance(raw, int | float) and raw in (0, 1):
                return bool(raw)
            raise refuse("boolean.format", "Please answer yes or no.", "请填写“是”或“否”。")

        return parse

    def display(self, spec, value, language="en"):
        if value is None:
            return ""
        return (Text("Yes", "是") if value else Text("No", "否")).in_language(language)

    def example(self, spec):
        return True
