from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ThreadConfig(AppConfig):
    name = "ipmd.apps.thread"
    label = "thread"
    verbose_name = _("The thread")

    def ready(self) -> None:
        from . import records  # noqa: F401  (registers the directory's records)
        from .panels import panel
        from .views import panel_of_record

        for place in ("outcome_aside", "action_aside"):
            panel(place, order=90)(panel_of_record)
        for place in ("meeting", "session", "document"):
            panel(place, order=95)(panel_of_record)
