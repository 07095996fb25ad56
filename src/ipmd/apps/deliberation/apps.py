from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliberationConfig(AppConfig):
    name = "ipmd.apps.deliberation"
    label = "deliberation"
    verbose_name = _("Consultation and decision")
