"""What every app stands on: the base model, the login of the moment, discovery, jobs, schedules."""
