"""Who may come in."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person with a log-in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
