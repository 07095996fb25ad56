"""The form by which an organisation answers an outcome: on the site and by a link in mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.models import Organisation

from ..models import Answer, OutcomeResponse


class AnswerForm(forms.Form):
    """What the organisation says. An amount is asked for only beside “depends on funding”."""

    organisation = forms.ChoiceField(label=_("Who answers"))
    answer = forms.ChoiceField(label=_("Answer"), choices=Answer.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("In words"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What you will do or why not. Needed for every answer but “accepted” and “depends on funding”."),
    )
    amount = forms.DecimalField(
        label=_("Amount needed"), required=False, localize=True, max_digits=18, decimal_places=2,
        help_text=_("If it depends on funding: how much."),
    )  # fmt: skip
    currency = forms.CharField(label=_("Currency"), required=False, max_length=3, help_text=_("Three letters, such as USD."))
    on = forms.DateField(
        label=_("Answered on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), required=False,
        help_text=_("Today, unless the answer came on another day, for example by letter."),
    )  # fmt: skip

    def __init__(
        self,
        data: Any = None,
        *,
        organisations: Sequence[Organisation],
        standing: OutcomeResponse | None = None,
        chosen: str = "",
        ask_day: bool = True,
    ) -> None:
        initial: dict[str, Any] = {"on": localdate(), "organisation": chosen or (organisations[0].code if organisations else "")}
        if standing is not None:
            initial |= {"answer": standing.answer, "text": standing.text, "amount": standing.amount, "currency": standing.currency}
        super().__init__(data, initial=initial)
        self.organisations = {organisation.code: organisation for organisation in organisations}
        field = self.fields["organisation"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(organisation.code, organisation.name) for organisation in organisations]
        if len(organisations) == 1:
            field.widget = forms.HiddenInput()
        if not ask_day:
            del self.fields["on"]

    def clean_on(self) -> Any:
        day = self.cleaned_data["on"] or localdate()
        if day > localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return day

    def said(self) -> dict[str, Any]:
        """The values as the verb takes them."""
        data = self.cleaned_data
        return {
            "organisation": self.organisations[data["organisation"]], "answer": data["answer"], "text": data["text"],
            "amount": data["amount"], "currency": data["currency"], "on": data.get("on") or localdate(),
        }  # fmt: skip
