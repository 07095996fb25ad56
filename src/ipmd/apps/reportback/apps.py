from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportbackConfig(AppConfig):
    name = "ipmd.apps.reportback"
    label = "reportback"
    verbose_name = _("Report back")

    def ready(self) -> None:
        from . import thread, verify  # noqa: F401  (stands on the thread, in verification, and on the pages of other rooms)
