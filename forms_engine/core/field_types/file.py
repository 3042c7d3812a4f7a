"""Files on a record: drawings, certificates, photos; each is uploaded first and then named here by its id."""

import uuid

from forms_engine.core.attached import files_usable
from forms_engine.fields.base import MISSING, FieldType, option, refuse, register
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@register
class FileField(FieldType):
    """The value is a list of ids of stored files (`POST /api/v1/files/`), None for none."""

    key = "file"
    label = Text("Files", "附件")
    icon = "paperclip"
    pg_type = "uuid[]"
    fx_type = "list"
    operators = ("empty", "not_empty")
    sortable = False
    groupable = False
    aggregates = ("count",)
    options = Schema(
        (
            option("max_files", "integer", "Most files", "最多文件数", min=1, max=50),
            option("images_only", "boolean", "Pictures only", "仅限图片"),
        )
    )

    def read_form(self, spec, data, prefix=""):
        name = prefix + spec.name
        if name not in data:
            return MISSING
        return data.getlist(name) if hasattr(data, "getlist") else data[name]

    def is_blank(self, raw):
        if isinstance(raw, list | tuple):
            return all(self.is_blank(item) for item in raw)
        return super().is_blank(raw)

    def parser(self, spec):
        most = int(spec.option("max_files", 20))

        def parse(raw, ctx):
            items = raw if isinstance(raw, list | tuple) else [raw]
            ids = list(dict.fromkeys(_id_of(item) for item in items if not self.is_blank(item)))
            if len(ids) > most:
                raise refuse("file.too_many", "At most %(n)s files.", "最多 %(n)s 个文件。", n=most)
            return ids

        return parse

    def cleaner(self, spec):
        parse = self.parser(spec)
        images = bool(spec.option("images_only"))

        def clean(raw, ctx):
            ids = parse(raw, ctx)
            fresh = [pk for pk in ids if pk not in (ctx.record.get(spec.name) or ())]
            if ctx.actor is not None and fresh and not files_usable(ctx.actor, fresh, images=images):
                raise refuse(
                    "file.unknown",
                    "Upload the file first, of a kind allowed here.",
                    "请先上传允许类型的文件。",
                )
            return ids

        return clean

    def operand_reader(self, spec):
        return self.parser(spec)

    def dump(self, value):
        return [str(pk) for pk in value]

    def load(self, data):
        return [uuid.UUID(str(pk)) for pk in data]

    def display(self, spec, value, language="en"):
        return "" if not value else str(len(value))

    def for_formula(self, value):
        return [str(pk) for pk in value or ()]

    def example(self, spec):
        return [uuid.UUID("01900000-0000-7000-8000-000000000000")]


def _id_of(item):
    raw = item.get("id") if isinstance(item, dict) else item
    if isinstance(raw, uuid.UUID):
        return raw
    try:
        return uuid.UUID(raw if isinstance(raw, str) else "")
    except ValueError:
        raise refuse("file.format", "A file is named by its id.", "附件须以标识表示。") from None
