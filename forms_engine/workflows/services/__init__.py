"""Write flows: publish drawings, begin cases, answer tasks, carry cases on, repair what a crash left."""

from forms_engine.workflows.services.acting import depth_after
from forms_engine.workflows.services.cases import (
    instance_retry,
    instance_start,
    instance_terminate,
    instance_withdraw,
)
from forms_engine.workflows.services.publishing import workflow_pause, workflow_publish
from forms_engine.workflows.services.recovery import (
    instance_check,
    instance_recover,
    instances_all,
    instances_broken,
    instances_running,
)
from forms_engine.workflows.services.tasks import task_decide, task_reassign, task_transfer
from forms_engine.workflows.services.waking import (
    action_run_collect,
    action_runs_over,
    timer_fire,
    timers_due,
)

__all__ = [
    "action_run_collect",
    "action_runs_over",
    "depth_after",
    "instance_check",
    "instance_recover",
    "instance_retry",
    "instance_start",
    "instance_terminate",
    "instance_withdraw",
    "instances_all",
    "instances_broken",
    "instances_running",
    "task_decide",
    "task_reassign",
    "task_transfer",
    "timer_fire",
    "timers_due",
    "workflow_pause",
    "workflow_publish",
]
