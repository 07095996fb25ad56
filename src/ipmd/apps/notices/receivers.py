"""What this room does when the directory gives out or erases a person."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from ipmd.apps.directory.models import User
from ipmd.apps.directory.signals import person_erased, person_exported

from .actions import forget_person
from .queries import mail_of


@receiver(person_exported, dispatch_uid="notices.give_out")
def give_out(sender: Any, person: User, **kwargs: Any) -> dict[str, Any]:
    """The person's mail, their choices and links."""
    return {"mail": mail_of(person)}


@receiver(person_erased, dispatch_uid="notices.forget")
def forget(sender: Any, person: User, email: str, **kwargs: Any) -> None:
    """Empty what is kept about them."""
    forget_person(user=person, email=email, now=timezone.now())
