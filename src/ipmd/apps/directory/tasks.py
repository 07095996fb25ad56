"""Jobs of this room."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext, override
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

QUEUE = "mail"


@app.task(name="directory.send_sign_in_link", queue=QUEUE, retry=RetryStrategy(max_attempts=5, exponential_wait=10))
def send_sign_in_link(user_id: str, minutes: int, then: str = "", invited_by: str = "") -> None:
    """Mail a person a sign-in link, in their language. The link is made here, so that none lies in the table of jobs."""
    from .links import make_sign_in_link
    from .models import User

    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or (user.is_sample and settings.PRODUCTION):
        return
    with override(user.language or settings.LANGUAGE_CODE):
        context: dict[str, Any] = {
            "user": user,
            "link": make_sign_in_link(user, good_for=timedelta(minutes=minutes), then=then),
            "days": minutes // 1440,
            "minutes": minutes,
            "invited_by": invited_by,
            "public_url": settings.PUBLIC_URL,
        }
        subject = gettext("You are invited to ipmd") if invited_by else gettext("Your sign-in link for ipmd")
        body = render_to_string("directory/mail/sign_in_link.txt", context).strip() + "\n"
    EmailMessage(subject, body, to=[user.email]).send()
