"""The worker's hint: run what is due."""

from __future__ import annotations

from celery import shared_task

from forms_engine.base import jobs


@shared_task(name=jobs.TASK, ignore_result=True, acks_late=True, reject_on_worker_lost=True)
def jobs_run() -> int:
    """Run due jobs until none is left; returns how many ran."""
    return jobs.job_run_all()
