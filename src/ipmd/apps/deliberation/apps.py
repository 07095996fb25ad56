from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliberationConfig(AppConfig):
    name = "ipmd.apps.deliberation"
    label = "deliberation"
    verbose_name = _("Consultation and decision")

    def ready(self) -> None:
        from ipmd.apps.notices.kinds import register_kind

        from . import panels, telling, thread, todo, verify  # noqa: F401  (registered by being loaded)
        from .views import links  # noqa: F401  (registers what a link in a mail does)

        for kind in telling.KINDS:
            register_kind(kind)
        thread.register_all()
