from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FollowupConfig(AppConfig):
    name = "ipmd.apps.followup"
    label = "followup"
    verbose_name = _("Follow-up")

    def ready(self) -> None:
        # Listens to the register; actions, answers and reports on the thread, in histories and in verification.
        from . import receivers, records, thread, thread_reports  # noqa: F401
