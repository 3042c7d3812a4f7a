"""The entries of a choice, however they were written down."""

from forms_engine.kernel.text import Text


def choices_of(spec):
    """Return the entries of a choice field in order: [{"value", "label": Text, "colour", "retired"}].

    Entries may be written as plain values, [value, label] pairs, mappings, or text with one entry a line:
    `open | Open | 未清 | green`.
    """
    entries = []
    written = spec.option("choices", ())
    if isinstance(written, str):
        written = [_line(line) for line in written.splitlines() if line.strip()]
    for entry in written:
        if isinstance(entry, dict):
            value = str(entry.get("value", ""))
            label = Text.of(entry.get("label") or value)
            colour, retired = str(entry.get("colour", "")), bool(entry.get("retired"))
        elif isinstance(entry, list | tuple):
            value, label, colour, retired = str(entry[0]), Text.of(entry[1]), "", False
        else:
            value, label, colour, retired = str(entry), Text.of(str(entry)), "", False
        entries.append({"value": value, "label": label, "colour": colour, "retired": retired})
    return entries


def _line(line):
    value, en, zh, colour, *_ = [part.strip() for part in line.split("|")] + ["", "", ""]
    return {"value": value, "label": {"en": en or value, "zh": zh or en or value}, "colour": colour}
