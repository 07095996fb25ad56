from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutcomesConfig(AppConfig):
    name = "ipmd.apps.outcomes"
    label = "outcomes"
    verbose_name = _("Outcomes")

    def ready(self) -> None:
        from . import receivers, thread, todo, verify  # noqa: F401  (listen to the room of meetings; register what stands and waits here)
