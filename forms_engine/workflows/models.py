"""Flows, their versions, the cases that run and what they wait for.

A case's `position` is the fold of its events; the other columns of `Instance` repeat parts of it for lists.
Tasks, timers and action runs are the outside of the engine's tickets: one row for each, unique by
(instance, ticket), closed in the transaction of the step that closes the ticket.
"""

from __future__ import annotations

import secrets

from django.contrib.postgres.fields import ArrayField
from django.db import models

from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel import clock
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text as T


def new_token() -> str:
    """Return a one-time secret for links to a task."""
    return secrets.token_urlsafe(24)


class Workflow(BaseModel):
    """A flow by its name. `trigger` and `topic` repeat the start of the version in force."""

    slug = models.SlugField(max_length=50, unique=True, verbose_name=T("Short name", "标识"))
    title = models.JSONField(default=dict, verbose_name=T("Title", "名称"))
    entity = models.CharField(max_length=120, blank=True, default="", verbose_name=T("About", "业务对象"))
    current = models.ForeignKey(
        "workflows.WorkflowVersion",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=T("Version in force", "生效版本"),
    )
    trigger = models.CharField(
        max_length=10, blank=True, default="", verbose_name=T("Begins with", "触发方式")
    )
    topic = models.CharField(
        max_length=120, blank=True, default="", verbose_name=T("Event or form", "事件或表单")
    )
    is_paused = models.BooleanField(default=False, verbose_name=T("Paused", "已暂停"))

    class Meta:
        verbose_name = T("Flow", "流程")
        verbose_name_plural = T("Flows", "流程")
        indexes = [models.Index(fields=["topic"], name="workflows_workflow_topic")]

    def __str__(self) -> str:
        return str(T.of(self.title or self.slug))


class WorkflowVersion(BaseModel):
    """One drawing of a flow. Once published a trigger refuses every change and deletion."""

    workflow = models.ForeignKey(
        Workflow, models.PROTECT, related_name="versions", verbose_name=T("Flow", "流程")
    )
    number = models.PositiveIntegerField(verbose_name=T("Number", "版本号"))
    definition = models.JSONField(verbose_name=T("Drawing", "定义"))
    digest = models.CharField(max_length=64, verbose_name=T("Digest", "摘要"))
    published_at = models.DateTimeField(null=True, verbose_name=T("Published", "发布时间"))
    published_by = models.CharField(max_length=200, blank=True, default="", verbose_name=T("By", "发布人"))

    class Meta:
        verbose_name = T("Flow version", "流程版本")
        verbose_name_plural = T("Flow versions", "流程版本")
        constraints = [
            models.UniqueConstraint(fields=["workflow", "number"], name="workflows_version_number"),
        ]


class Instance(BaseModel):
    """A case: one run of a flow about one record. `cause` is what began it, once.

    `title` names the record and reads alike in both languages; the flow's own title is bilingual.
    `depth` counts the cases in a row that set each other off: 0 for one that people began.
    """

    class Status(Choices):
        RUNNING = "running", T("Running", "进行中")
        DONE = "done", T("Done", "已结束")

    workflow = models.ForeignKey(Workflow, models.PROTECT, related_name="+", verbose_name=T("Flow", "流程"))
    flow_version = models.ForeignKey(
        WorkflowVersion, models.PROTECT, related_name="+", verbose_name=T("Version", "版本")
    )
    cause = models.CharField(max_length=160, verbose_name=T("Begun by", "触发来源"))
    is_single = models.BooleanField(default=True, verbose_name=T("One at a time", "同时仅一个"))
    depth = models.PositiveSmallIntegerField(default=0, verbose_name=T("Depth", "触发深度"))
    title = models.CharField(max_length=250, verbose_name=T("Title", "标题"))
    entity = models.CharField(max_length=120, blank=True, default="", verbose_name=T("Entity", "业务对象"))
    subject_id = models.UUIDField(null=True, db_index=True, verbose_name=T("Record", "记录"))
    initiator = models.ForeignKey(
        "access.User", models.PROTECT, null=True, related_name="+", verbose_name=T("Initiator", "发起人")
    )
    initiator_name = models.CharField(
        max_length=200, blank=True, default="", verbose_name=T("Initiated by", "发起人姓名")
    )
    status = models.CharField(
        max_length=10, choices=Status.choices, default=Status.RUNNING, verbose_name=T("Status", "状态")
    )
    result = models.CharField(max_length=30, blank=True, default="", verbose_name=T("Result", "结果"))
    lit = ArrayField(models.CharField(max_length=50), default=list, verbose_name=T("At", "当前节点"))
    is_stuck = models.BooleanField(default=False, verbose_name=T("Stuck", "卡住"))
    seq = models.PositiveIntegerField(default=0, verbose_name=T("Steps", "步数"))
    position = models.JSONField(default=dict, verbose_name=T("Position", "位置"))
    started_at = models.DateTimeField(default=clock.now, verbose_name=T("Started", "发起时间"))
    ended_at = models.DateTimeField(null=True, verbose_name=T("Ended", "结束时间"))

    class Meta:
        verbose_name = T("Case", "流程实例")
        verbose_name_plural = T("Cases", "流程实例")
        constraints = [
            models.UniqueConstraint(fields=["workflow", "cause"], name="workflows_instance_once"),
            models.UniqueConstraint(
                fields=["workflow", "subject_id"],
                name="workflows_instance_single",
                condition=models.Q(status="running", is_single=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["started_at"],
                name="workflows_instance_open",
                condition=models.Q(status="running"),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class InstanceEvent(models.Model):
    """One signal, folded into the case. Append-only: a trigger refuses the rest."""

    id = models.BigAutoField(primary_key=True)
    instance = models.ForeignKey(
        Instance, models.PROTECT, related_name="events", verbose_name=T("Case", "流程实例")
    )
    seq = models.PositiveIntegerField(verbose_name=T("Number", "序号"))
    kind = models.CharField(max_length=40, verbose_name=T("Kind", "类型"))
    signal = models.JSONField(verbose_name=T("Signal", "信号"))
    actor = models.JSONField(default=dict, verbose_name=T("Actor", "操作者"))
    at = models.DateTimeField(default=clock.now, verbose_name=T("At", "时间"))

    class Meta:
        verbose_name = T("Case event", "流程事件")
        verbose_name_plural = T("Case events", "流程事件")
        constraints = [
            models.UniqueConstraint(fields=["instance", "seq"], name="workflows_event_seq"),
        ]


class Task(BaseModel):
    """Something a person has to do in a case.

    `turn` is the engine's version of the ticket: it moves when the task changes hands. `token` works once,
    while the task is open. `fields` is the right per field (edit, read, hidden) while somebody works on it.
    """

    class State(Choices):
        OPEN = "open", T("To do", "待办")
        DONE = "done", T("Done", "已办")
        CLOSED = "closed", T("Not needed any more", "已失效")

    class Kind(Choices):
        APPROVE = "approve", T("Approve", "审批")
        FILL = "fill", T("Fill in", "填写")
        REVISE = "revise", T("Revise", "修改")

    instance = models.ForeignKey(
        Instance, models.PROTECT, related_name="tasks", verbose_name=T("Case", "流程实例")
    )
    ticket = models.PositiveIntegerField(verbose_name=T("Ticket", "票号"))
    visit = models.PositiveIntegerField(verbose_name=T("Visit", "到访号"))
    node = models.CharField(max_length=50, verbose_name=T("Node", "节点"))
    step = models.JSONField(default=dict, verbose_name=T("Step", "步骤"))
    round = models.PositiveIntegerField(default=1, verbose_name=T("Round", "轮次"))
    kind = models.CharField(max_length=10, choices=Kind.choices, verbose_name=T("Kind", "类型"))
    person = models.ForeignKey(
        "access.User", models.PROTECT, related_name="+", db_index=False, verbose_name=T("Person", "处理人")
    )
    person_name = models.CharField(max_length=200, verbose_name=T("Person's name", "处理人姓名"))
    turn = models.PositiveIntegerField(default=1, verbose_name=T("Turn", "轮手"))
    token = models.CharField(max_length=40, unique=True, default=new_token, verbose_name=T("Token", "令牌"))
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.OPEN, verbose_name=T("State", "状态")
    )
    outcome = models.CharField(max_length=20, blank=True, default="", verbose_name=T("Outcome", "结果"))
    comment = models.TextField(blank=True, default="", verbose_name=T("Comment", "意见"))
    verdicts = ArrayField(
        models.CharField(max_length=20), default=list, verbose_name=T("Answers", "可选动作")
    )
    comment_for = ArrayField(
        models.CharField(max_length=20), default=list, verbose_name=T("Comment needed for", "需填意见")
    )
    targets = models.JSONField(default=list, verbose_name=T("May be returned to", "可退回到"))
    fields = models.JSONField(default=dict, verbose_name=T("Field rights", "字段权限"))
    form = models.CharField(max_length=80, blank=True, default="", verbose_name=T("Form", "表单"))
    title = models.CharField(max_length=250, verbose_name=T("Title", "标题"))
    entity = models.CharField(max_length=120, blank=True, default="", verbose_name=T("Entity", "业务对象"))
    subject_id = models.UUIDField(null=True, db_index=True, verbose_name=T("Record", "记录"))
    opened_at = models.DateTimeField(default=clock.now, verbose_name=T("Since", "开始时间"))
    closed_at = models.DateTimeField(null=True, verbose_name=T("Closed", "完成时间"))

    class Meta:
        verbose_name = T("Task", "待办任务")
        verbose_name_plural = T("Tasks", "待办任务")
        constraints = [
            models.UniqueConstraint(fields=["instance", "ticket"], name="workflows_task_ticket"),
            models.UniqueConstraint(
                fields=["instance", "visit", "person"],
                name="workflows_task_active",
                condition=models.Q(state="open"),
            ),
        ]
        indexes = [
            models.Index(fields=["person", "state", "-opened_at"], name="workflows_task_inbox"),
        ]

    def __str__(self) -> str:
        return self.title


class Timer(models.Model):
    """A moment a case waits for; claimed with SKIP LOCKED, fired once."""

    class State(Choices):
        OPEN = "open", T("Running", "计时中")
        FIRED = "fired", T("Fired", "已触发")
        CANCELLED = "cancelled", T("Cancelled", "已取消")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    instance = models.ForeignKey(Instance, models.PROTECT, related_name="timers")
    ticket = models.PositiveIntegerField()
    node = models.CharField(max_length=50)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instance", "ticket"], name="workflows_timer_ticket"),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="workflows_timer_due", condition=models.Q(state="open")),
        ]


class ActionRun(models.Model):
    """An action a case has run, or handed to a worker (`job_id`): the run log, and the watch on the job."""

    class State(Choices):
        WAITING = "waiting", T("In progress", "执行中")
        DONE = "done", T("Done", "成功")
        FAILED = "failed", T("Refused", "失败")
        CANCELLED = "cancelled", T("Not awaited any more", "不再等待")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    instance = models.ForeignKey(Instance, models.PROTECT, related_name="action_runs")
    ticket = models.PositiveIntegerField()
    node = models.CharField(max_length=50)
    action = models.CharField(max_length=160)
    inputs = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    job_id = models.UUIDField(null=True)
    result = models.JSONField(default=dict)
    started_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instance", "ticket"], name="workflows_actionrun_ticket"),
        ]
        indexes = [
            models.Index(
                fields=["job_id"], name="workflows_actionrun_open", condition=models.Q(state="waiting")
            ),
        ]
