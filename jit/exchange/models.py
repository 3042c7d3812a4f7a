"""Imports: the file, how its columns were read, what came of every row."""

from django.db import models

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class ImportBatch(BaseModel):
    """One file on its way into one entity: uploaded, checked without writing, applied, perhaps undone."""

    class State(Choices):
        UPLOADED = "UPLOADED", T("Uploaded", "已上传")
        RUNNING = "RUNNING", T("Running", "处理中")
        CHECKED = "CHECKED", T("Checked", "已校验")
        APPLIED = "APPLIED", T("Imported", "已导入")
        FAILED = "FAILED", T("Failed", "失败")
        CANCELLED = "CANCELLED", T("Cancelled", "已取消")
        UNDONE = "UNDONE", T("Undone", "已撤销")

    number = c.code(T("Import", "导入单号"), unique=True)
    target = c.code(T("Into", "导入到"))
    file = models.FileField(T("File", "文件"), upload_to="imports/%Y/%m/", max_length=300)
    file_name = c.name(T("File name", "文件名"))
    file_sha256 = models.CharField(T("Fingerprint", "文件指纹"), max_length=64, default="", blank=True)
    sheet = c.name(T("Sheet", "工作表"))
    header_row = models.PositiveIntegerField(T("Header row", "表头行"), default=1)
    encoding = c.name(T("Encoding", "编码"))
    delimiter = models.CharField(T("Separator", "分隔符"), max_length=4, default="", blank=True)
    decimal_comma = models.BooleanField(T("Decimal comma", "小数逗号"), default=False)
    zone = models.CharField(
        T("Times without zone are in", "无时区时间按"), max_length=64, default="Asia/Shanghai"
    )
    header = models.JSONField(T("Header", "表头"), default=list, blank=True)
    # {"0": "code", "3": "name"}: column of the file → field of the target.
    mapping = models.JSONField(T("Columns", "列对应"), default=dict, blank=True)
    stop_on_error = models.BooleanField(T("All rows or none", "全部成功才导入"), default=False)
    state = c.state(State, State.UPLOADED)
    is_dry_run = models.BooleanField(T("Dry run", "试运行"), default=True)
    job_id = models.UUIDField(T("Job", "任务"), null=True, blank=True)
    owner_id = models.UUIDField(T("By", "导入人"), null=True, blank=True, db_index=True)
    rows_in = models.PositiveIntegerField(T("Rows", "行数"), default=0)
    created_rows = models.PositiveIntegerField(T("New", "新增"), default=0)
    updated_rows = models.PositiveIntegerField(T("Changed", "更新"), default=0)
    unchanged_rows = models.PositiveIntegerField(T("Unchanged", "未变"), default=0)
    rejected_rows = models.PositiveIntegerField(T("Refused", "拒绝"), default=0)
    error = c.note(T("Error", "错误"))
    result_file = models.FileField(
        T("Result file", "结果文件"), upload_to="imports/%Y/%m/", max_length=300, blank=True, default=""
    )
    applied_at = c.moment(T("Imported at", "导入时间"), null=True, blank=True)
    # The transaction that wrote the rows; the journal knows by it what to undo.
    transaction_id = models.BigIntegerField(T("Transaction", "事务"), default=0)
    undone_at = c.moment(T("Undone at", "撤销时间"), null=True, blank=True)

    class Meta:
        verbose_name = T("Import", "导入")
        verbose_name_plural = T("Imports", "导入")
        indexes = [models.Index(fields=["-created_at"], name="import_batch_newest")]

    def __str__(self) -> str:
        return self.number


class ImportProblem(models.Model):
    """Why one row was refused: where in the file, at which field, by which code, in words."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(
        ImportBatch, models.CASCADE, related_name="problems", verbose_name=T("Import", "导入")
    )
    row = models.PositiveIntegerField(T("Row", "行"))
    column = models.PositiveIntegerField(T("Column", "列"), default=0)
    field = c.name(T("Field", "字段"))
    value = c.note(T("Value", "内容"))
    code = c.code(T("Code", "代码"))
    message = models.JSONField(T("Reason", "原因"), default=dict)

    class Meta:
        verbose_name = T("Import problem", "导入问题")
        verbose_name_plural = T("Import problems", "导入问题")
        indexes = [models.Index(fields=["batch", "row"], name="import_problem_row")]


class ImportMapping(models.Model):
    """What a column header was taken for last time, per target; '' = left out on purpose."""

    id = models.BigAutoField(primary_key=True)
    target = c.code(T("Into", "导入到"))
    header_key = c.name(T("Header", "表头"))
    field = c.name(T("Field", "字段"))
    used_at = c.moment(T("Last used", "最近使用"))

    class Meta:
        verbose_name = T("Remembered column", "记住的列")
        verbose_name_plural = T("Remembered columns", "记住的列")
        constraints = [models.UniqueConstraint(fields=["target", "header_key"], name="import_mapping_once")]
