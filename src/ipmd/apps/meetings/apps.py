from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    name = "ipmd.apps.meetings"
    label = "meetings"
    verbose_name = _("Meetings")

    def ready(self) -> None:
        from ipmd.apps.thread.panels import panel

        from . import taking_part, thread  # noqa: F401  (thread registers what stands here)

        panel("meeting", order=10)(taking_part.panel_of_meeting)
