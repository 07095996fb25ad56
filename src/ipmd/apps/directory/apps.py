from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DirectoryConfig(AppConfig):
    name = "ipmd.apps.directory"
    label = "directory"
    verbose_name = _("Directory")

    def ready(self) -> None:
        from . import rules  # noqa: F401  (registers the rights)
