"""Bring the demo plant back to how it was loaded; a worker does it."""

from forms_engine.base.jobs import job_start
from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.text import Text as T
from jit.demo.services.reset import reset_allowed


@register
class PlantReset(Action):
    key = "demo.plant.reset"
    label = T("Reset the demo plant", "重置演示工厂")
    icon = "refresh"
    record_needed = False
    confirm = T(
        "All documents go, people and definitions stay. Reset?",
        "所有单据将被清除，用户与定义保留。确定重置？",
    )

    def run(self, *, actor, record, values):
        reset_allowed()
        job = job_start(actor=actor, kind="demo.reset", params={})
        return Result(data={"job": str(job.pk)})
