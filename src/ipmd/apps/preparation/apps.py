from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PreparationConfig(AppConfig):
    name = "ipmd.apps.preparation"
    label = "preparation"
    verbose_name = _("Preparing meetings")

    def ready(self) -> None:
        from ipmd.apps.thread.panels import panel
        from ipmd.apps.thread.todo import provider

        from . import effects, notices, panels, receivers, thread, todo  # noqa: F401  (receivers listen to the directory)

        notices.register_kinds()
        effects.register_effects()
        thread.register_all()
        provider(todo.waiting)
        panel("meeting", order=20)(panels.of_meeting)
        panel("session", order=20)(panels.of_session)
        panel("outcome", order=60)(panels.of_outcome)
