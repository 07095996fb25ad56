"""An outcome's page, its data, and what can be done with it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ipmd.apps.directory.saying import say
from ipmd.core.errors import SayableError
from ipmd.core.similarity import theme_label

from ..actions import register as verbs
from ..exports import cite
from ..forms.register import OtherForm, OutcomeForm, ReasonForm, TranslationForm
from ..models import LinkState, Outcome, OutcomeState
from ..queries import outcome as reads

CHANGES = ("edit", "withdraw", "merge", "supersede", "restore", "translate")


def address_of(outcome: Outcome) -> str:
    """The outcome's address as it is cited: whole, and the same for everybody."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("outcomes:outcome", args=[outcome.code])


def _outcome(request: HttpRequest, code: str) -> Outcome:
    found = reads.by_code(code, request.user)
    if found is None:
        raise Http404(_("There is no outcome %(code)s that is open to you.") % {"code": code})
    return found


@require_safe
def outcome(request: HttpRequest, code: str) -> HttpResponse:
    """What it says, how it stands, who is asked, where it stands in the document, what repeats it."""
    found = _outcome(request, code)
    if found.state == OutcomeState.MERGED and found.merged_into is not None and reads.by_code(found.merged_into.code, request.user):
        messages.info(
            request, _("%(code)s was merged into %(other)s, which is shown here.") % {"code": found.code, "other": found.merged_into.code}
        )
        return redirect("outcomes:outcome", found.merged_into.code)
    shown = reads.shown(found, request.user)
    first = next((source.record for source in shown.sources if source.open and source.record.outcome_id == found.pk), None)
    address = address_of(found)
    languages = sorted({translation.language for translation in shown.translations})
    return render(
        request,
        "outcomes/register/outcome.html",
        {
            "outcome": found,
            "shown": shown,
            "title": capfirst(found.get_kind_display()),
            "source": first,
            "superseded_by": found.superseded_by if found.superseded_by and reads.by_code(found.superseded_by.code, request.user) else None,
            "themes": [(theme, theme_label(theme, get_language() or "en")) for theme in found.themes],
            "where": cite.place_and_dates(found),
            "cite": cite.as_words(found, first, address),
            "bibtex": cite.as_bibtex(found, first, address),
            "linked_data": cite.as_linked_data(found, first, address, shown.translations),
            "may_edit": request.user.has_perm("outcomes.edit", found),
            "languages": languages,
        },
    )


@require_safe
def data(request: HttpRequest, code: str) -> JsonResponse:
    """The outcome for programs."""
    found = _outcome(request, code)
    shown = reads.shown(found, request.user)
    here = address_of(found)
    return JsonResponse(
        {
            "code": found.code,
            "url": here,
            "text": found.text,
            "language": found.language,
            "kind": found.kind,
            "status": found.status or None,
            "state": found.state,
            "state_reason": found.state_reason or None,
            "merged_into": _code_if_seen(found.merged_into, request),
            "superseded_by": _code_if_seen(found.superseded_by, request),
            "forum": found.forum.code,
            "meeting": found.meeting.code,
            "session": found.session.code if found.session else None,
            "year": found.year,
            "actors": [
                {"text": actor.text, "organisation": actor.organisation.code if actor.organisation else None}
                for actor in found.actor_set.all()
            ],
            "themes": found.themes,
            "deadline": {"text": found.deadline_text, "date": found.deadline_date} if found.deadline_text or found.deadline_date else None,
            "sources": [
                {
                    "document": str(source.record.document_id), "title": source.record.document.title, "quote": source.record.quote,
                    "start": source.record.start, "end": source.record.end, "page": source.record.page, "outcome": source.of,
                }
                for source in shown.sources
                if source.open
            ],
            "translations": [{"language": t.language, "text": t.text, "state": t.state} for t in shown.translations],
            "likenesses": [
                {"code": like.other.code, "relation": like.link.relation, "state": like.link.state, "earlier": like.is_earlier}
                for like in shown.likes
            ],
            "version": found.version,
        },
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )  # fmt: skip


def _code_if_seen(other: Outcome | None, request: HttpRequest) -> str | None:
    return other.code if other is not None and reads.by_code(other.code, request.user) else None


@require_safe
def citation(request: HttpRequest, code: str, form: str) -> HttpResponse:
    """A reference file for a citation manager: BibTeX (`bib`) or RIS (`ris`)."""
    found = _outcome(request, code)
    sources = reads.shown(found, request.user).sources
    first = next((source.record for source in sources if source.open and source.record.outcome_id == found.pk), None)
    make, media = {"bib": (cite.as_bibtex, "application/x-bibtex"), "ris": (cite.as_ris, "application/x-research-info-systems")}[form]
    response = HttpResponse(make(found, first, address_of(found)), content_type=f"{media}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.code.replace("/", "-")}.{form}"'
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """One page for each thing that can be done with an outcome."""
    found = _outcome(request, code)
    if not request.user.has_perm("outcomes.edit", found):
        raise PermissionDenied("outcomes.edit")
    form = _form(request, found, verb)
    if request.method == "POST" and form.is_valid():
        try:
            _do(request, found, verb, form)
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, _("Done. The history of %(code)s says what was changed.") % {"code": found.code})
            return redirect("outcomes:outcome", found.code)
    titles = {
        "edit": _("Change what is said about it"),
        "withdraw": _("Withdraw it from the register"),
        "merge": _("Merge it into another outcome"),
        "supersede": _("Say what has taken its place"),
        "restore": _("Make it current again"),
        "translate": _("Put in a translation"),
    }
    says = {
        "edit": _("The words themselves stand in the document and don't change; all else can be corrected."),
        "withdraw": _(
            "Its page and code stay, and say that it was withdrawn and why. It is no longer found in the register unless asked for."
        ),
        "merge": _("Both say the same: this code will lead to the other outcome, which shows the sentences of both."),
        "supersede": _("A later outcome replaces this one. It stays readable and points to the later one."),
        "restore": _("It is found in the register again."),
        "translate": _("People reading in that language see it below the original words, with where it comes from."),
    }
    return render(
        request,
        "outcomes/register/change.html",
        {"outcome": found, "form": form, "title": titles[verb], "says": says[verb], "verb": verb},
        status=400 if form.errors else 200,
    )


def _form(request: HttpRequest, found: Outcome, verb: str) -> Any:
    given = request.POST if request.method == "POST" else None
    if verb == "edit":
        return OutcomeForm(given, outcome=found)
    if verb == "translate":
        existing = list(found.translations.all())
        language = request.GET.get("language", "")
        text = next((t for t in existing if t.language == language), None)
        initial = {"language": language} | ({"text": text.text, "state": text.state} if text else {})
        return TranslationForm(given, outcome=found, existing=existing, initial=initial)
    if verb in ("merge", "supersede"):
        return OtherForm(given, user=request.user, initial={"version": found.version, "other": request.GET.get("other", "")})
    return ReasonForm(given, initial={"version": found.version})


def _do(request: HttpRequest, found: Outcome, verb: str, form: Any) -> None:
    data = form.cleaned_data
    by: Any = request.user
    if verb == "edit":
        verbs.edit_outcome(outcome=found, version=data["version"], by=by, changes=form.description(), why=data["why"])
    elif verb == "withdraw":
        verbs.withdraw(outcome=found, version=data["version"], by=by, why=data["why"])
    elif verb == "restore":
        verbs.restore(outcome=found, version=data["version"], by=by, why=data["why"])
    elif verb == "merge":
        # The other one will show this one's sentences as its own: as at the review desk, that takes the right in its forum too.
        if not request.user.has_perm("outcomes.edit", data["other"]):
            raise PermissionDenied("outcomes.edit")
        verbs.merge_outcomes(outcome=found, version=data["version"], into=data["other"], by=by, why=data["why"])
    elif verb == "supersede":
        verbs.supersede(outcome=found, version=data["version"], by_outcome=data["other"], by=by, why=data["why"])
    else:
        verbs.translate(outcome=found, language=data["language"], text=data["text"], state=data["state"], by=by)


@login_required
@require_POST
def decide_link(request: HttpRequest, code: str, link: Any) -> HttpResponse:
    """Confirm or refuse a likeness, from either of the two outcomes' pages."""
    found = _outcome(request, code)
    if not request.user.has_perm("outcomes.edit", found):
        raise PermissionDenied("outcomes.edit")
    wanted = reads.links_visible_to(request.user).filter(pk=link).first()
    if wanted is None or found.pk not in (wanted.later_id, wanted.earlier_id):
        raise Http404
    state = LinkState.CONFIRMED if request.POST.get("state") == LinkState.CONFIRMED else LinkState.REFUSED
    by: Any = request.user
    verbs.decide_link(link=wanted, state=state, by=by)
    messages.success(request, _("Confirmed.") if state == LinkState.CONFIRMED else _("Refused; it is not shown any more."))
    return HttpResponseRedirect(reverse("outcomes:outcome", args=[found.code]) + "#alike")
