"""The worker's hint: run what is due."""

from __future__ import annotations

from celery import shared_task

from forms_engine.base import jobs
from forms_engine.base.poke import poke


@shared_task(name=jobs.TASK, ignore_result=True, acks_late=True, reject_on_worker_lost=True)
def jobs_run() -> int:
    """Run one due job and ask for the next: a task has a time limit, a queue of jobs has none."""
    ran = jobs.job_run_next()
    if ran and jobs.jobs_overdue():
        poke(jobs.TASK)
    return int(ran)
