"""The house itself as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ipmd.house.catalogues import compile_catalogues


class WebConfig(AppConfig):
    name = "ipmd.web"
    label = "web"
    verbose_name = _("Web")

    def ready(self) -> None:
        # Before the first page is rendered, whichever way the program was started (server, worker, command, test).
        compile_catalogues()
