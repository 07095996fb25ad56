"""Forms of this room."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from .actions import REFUSAL_SAYS, MailWishes
from .hours import zones
from .kinds import DIGEST, chosen_among
from .models import Form, MailSettings

HOURS = [(str(hour), f"{hour:02d}:00") for hour in range(24)]


class MailForm(forms.Form):
    """When somebody wants mail, and how each kind. Fields of kinds are called `kind-` and the kind's name."""

    time_zone = forms.ChoiceField(label=_("Your time zone"), help_text=_("Hours below are those of the clock there."))
    quiet_from = forms.TypedChoiceField(
        label=_("Quiet hours from"), choices=[("", _("no quiet hours")), *HOURS], coerce=int, empty_value=None, required=False
    )
    quiet_until = forms.TypedChoiceField(
        label=_("Quiet hours until"), choices=[("", _("no quiet hours")), *HOURS], coerce=int, empty_value=None, required=False
    )
    digest_hour = forms.TypedChoiceField(label=_("Digest at"), choices=HOURS, coerce=int)
    digest_days = forms.TypedMultipleChoiceField(
        label=_("Days of the digest"), coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _(REFUSAL_SAYS["no_day"])},
        choices=[(str(day + 1), name) for day, name in WEEKDAYS.items()],
        help_text=_("On these days one mail brings what you chose to have in the digest, and what is due."),
    )  # fmt: skip
    weekly_list = forms.BooleanField(
        label=_("Once a week, send me what is due, also when nothing is new"), required=False,
        help_text=_("With the first digest of the week."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, wanted: MailSettings, chosen: dict[str, str]) -> None:
        initial: dict[str, Any] = {
            "time_zone": wanted.time_zone, "quiet_from": wanted.quiet_from, "quiet_until": wanted.quiet_until,
            "digest_hour": wanted.digest_hour, "digest_days": wanted.digest_days, "weekly_list": wanted.weekly_list,
        }  # fmt: skip
        self.kinds = chosen_among()
        initial |= {f"kind-{kind.name}": chosen.get(kind.name, kind.usual) for kind in self.kinds}
        super().__init__(data, initial=initial)
        names = sorted({*zones(), wanted.time_zone})
        self.fields["time_zone"].choices = [(name, name.replace("_", " ")) for name in names]  # type: ignore[attr-defined]
        for kind in self.kinds:
            choices = [(form.value, capfirst(form.label)) for form in Form if kind.name != DIGEST or form != Form.DIGEST]
            if kind.name == DIGEST:
                choices = [(Form.EACH.value, _("Send it")), (Form.NEVER.value, capfirst(Form.NEVER.label))]
            self.fields[f"kind-{kind.name}"] = forms.ChoiceField(
                label=str(kind.label), help_text=str(kind.about), choices=choices, widget=forms.RadioSelect
            )

    def of_kinds(self) -> list[forms.BoundField]:
        """The fields that say how each kind is wanted."""
        return [self[f"kind-{kind.name}"] for kind in self.kinds]

    def wishes(self) -> MailWishes:
        """The values as the verb takes them."""
        data = self.cleaned_data
        return MailWishes(
            time_zone=data["time_zone"], quiet_from=data["quiet_from"], quiet_until=data["quiet_until"], digest_hour=data["digest_hour"],
            digest_days=data["digest_days"], weekly_list=data["weekly_list"],
        )  # fmt: skip

    def forms(self) -> dict[str, str]:
        """How each kind is wanted, by its name."""
        return {kind.name: self.cleaned_data[f"kind-{kind.name}"] for kind in self.kinds}
