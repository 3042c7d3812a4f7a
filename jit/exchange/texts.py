"""Every code of this room in words, so that pure codecs need carry none."""

from collections.abc import Mapping
from typing import Any

from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text as T
from jit.exchange.sheet import SheetRefused

CELL: Mapping[str, T] = {
    "not_a_number": T("This is not a number.", "不是数字。"),
    "not_an_integer": T("This is not a whole number.", "不是整数。"),
    "not_a_positive_integer": T("This is not a whole number above zero.", "不是大于零的整数。"),
    "not_a_weight": T(
        "This is not a weight in kilograms, exact to the gram.", "不是有效重量(千克，精确到克)。"
    ),
    "not_a_date": T("This is not a date.", "不是日期。"),
    "not_a_time": T("This is not a time.", "不是时间。"),
    "ambiguous_date": T(
        "Day or month first? Write it as 2026-11-24.", "无法判断日月先后，请写成 2026-11-24。"
    ),
    "time_missing": T("This time does not exist: the clocks were put forward.", "该时刻不存在(夏令时跳过)。"),
    "not_a_boolean": T("Write yes or no.", "请填 是 或 否。"),
    "no_phantom": T(
        "The component is no phantom item: change its planning mode, or write no here.",
        "该子件不是虚拟件：请修改其计划方式，或此处填 否。",
    ),
    "required": T("A value is needed here.", "此处必填。"),
    "duplicate": T("The same key stands in an earlier row.", "与前面的行重复。"),
    "window_reversed": T("The window ends before it begins.", "时间窗结束早于开始。"),
    "head_differs": T("Another row of this truck says something else.", "与该车次其他行不一致。"),
    "unknown": T("There is no “%(value)s” here.", "不存在“%(value)s”。"),
    "negative": T("A quantity here is zero or more.", "数量不能为负。"),
    "cycle": T(
        "An item would go into itself: %(path)s.",
        "物料清单出现循环：%(path)s。",
    ),
    "inventree": T("%(value)s", "%(value)s"),
}

SHEET: Mapping[str, T] = {
    "too_big": T("The file is larger than %(megabytes)s MB.", "文件超过 %(megabytes)s MB。"),
    "binary": T(
        "This is not a text table: perhaps a PDF or a picture under a wrong name. Save it as CSV or Excel.",
        "这不是文本表格，可能是改了扩展名的 PDF、图片或其他文件。请另存为 CSV 或 Excel。",
    ),
    "encoding_unknown": T("The encoding of the file is unknown.", "无法识别文件编码。"),
    "encoding_none": T("A workbook has no encoding to choose.", "工作簿无需选择编码。"),
    "encoding_wrong": T(
        "The file cannot be read in the encoding chosen (%(encoding)s).",
        "无法按所选编码（%(encoding)s）读取该文件。",
    ),
    "not_a_table": T("Row %(row)s cannot be read as a table.", "第 %(row)s 行无法按表格读取。"),
    "too_many_rows": T("More than %(rows)s rows; please cut the file.", "超过 %(rows)s 行，请拆分文件。"),
    "too_many_columns": T("More than %(columns)s columns.", "超过 %(columns)s 列。"),
    "cell_too_long": T("A cell in row %(row)s is too long.", "第 %(row)s 行有单元格过长。"),
    "not_a_workbook": T("This is not a readable workbook.", "不是可读取的工作簿。"),
    "zip_bomb": T("The workbook unpacks to far too much.", "工作簿解压后过大，已拒绝。"),
    "dtd": T("The workbook contains forbidden definitions.", "工作簿含有不允许的定义。"),
    "locked": T("The workbook is protected by a password.", "工作簿有密码保护。"),
    "sheet_unknown": T("There is no sheet “%(sheet)s”.", "没有工作表“%(sheet)s”。"),
    "too_costly": T(
        "Reading took more than %(megabytes)s MB or %(seconds)s s and was stopped.",
        "读取超过 %(megabytes)s MB 或 %(seconds)s 秒，已停止。",
    ),
    "kind_unknown": T("Only CSV and Excel files can be imported.", "只能导入 CSV 或 Excel 文件。"),
    "no_rows": T(
        "No rows under the headings (row %(row)s): there is nothing to import.",
        "标题行（第 %(row)s 行）下面没有数据行，没有可导入的内容。",
    ),
    "empty": T("The file holds no rows.", "文件中没有数据行。"),
}


#: Why nothing was taken from a file of a folder.
SKIPPED: Mapping[str, T] = {
    "no_rows": T("headings only, no rows under them", "只有表头，没有数据行"),
    "empty": T("the file is empty", "文件为空"),
    "unknown": T("neither its name nor its columns are known", "文件名与列均无法识别"),
}


class FileRefused(MesError):
    """The file as a whole cannot be imported; `code` says why (exchange.file.<reason>)."""

    code = "exchange.file"


def file_refused(refusal: SheetRefused) -> FileRefused:
    """Put a codec's refusal in words."""
    words = SHEET.get(refusal.code, SHEET["not_a_table"]).with_params(**{"row": "?", **refusal.params})
    return FileRefused(words, field="file", code=f"exchange.file.{refusal.code}")


def cell_text(code: str, **params: Any) -> T:
    """Return the words for a code of a cell."""
    words = CELL.get(code, CELL["unknown"])
    return words.with_params(**{"value": "", **params}) if "%(" in words.en else words
