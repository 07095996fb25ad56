from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "ipmd.apps.notices"
    label = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from ipmd.apps.thread.panels import panel

        from . import receivers  # noqa: F401  (listens to the directory)
        from .views import mine

        panel("home", order=10)(mine.panel)
