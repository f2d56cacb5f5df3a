"""Who sits behind a session."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from .known import mark
from .models import User


class Colleagues(ModelBackend):
    """People with a password. Reads with each person how the house is set up now, see `known`."""

    def get_user(self, user_id: Any) -> User | None:
        found = User.objects.annotate(set_up_mark=mark()).filter(pk=user_id).first()
        return found if found is not None and self.user_can_authenticate(found) else None


BACKEND = f"{Colleagues.__module__}.{Colleagues.__qualname__}"
