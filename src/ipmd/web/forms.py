"""Forms of the house itself."""

from __future__ import annotations

from django import forms


class StyleGuideForm(forms.Form):
    """One field of each sort, for the style guide."""

    title = forms.CharField(label="Title", help_text="As printed on the first page.")
    about = forms.CharField(label="About", widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("report", "report"), ("minutes", "minutes")])
    date = forms.DateField(label="Date", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    shape = forms.ChoiceField(label="Shape", choices=[("a", "one"), ("b", "two")], widget=forms.RadioSelect)
    public = forms.BooleanField(label="Open to the public", required=False, help_text="Everybody may read it.")
