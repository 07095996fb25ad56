"""An organisation's page: who it is, and what meetings asked of it. Its address belongs to the directory, its outcomes to this room."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ipmd.apps.directory.models import Organisation
from ipmd.apps.directory.rules import visible_forums

from ..queries.labels import labels
from ..queries.register import Asked, rows, search

SHOWN = 20


@require_safe
def organisation(request: HttpRequest, code: str) -> HttpResponse:
    """What it is, what it was asked, has decided and undertaken, and in which forums it meets."""
    found = Organisation.objects.select_related("country", "merged_into").filter(code=code).first()
    if found is None:
        raise Http404(_("There is no organisation %(code)s in the directory.") % {"code": code})
    if found.merged_into is not None:
        return redirect("directory:organisation", found.merged_into.code)
    asked = Asked(chosen={"actor": (f"org:{code}",)}, sort="newest")
    outcomes = search(asked, request.user)
    names = labels({name: [value.value for value in outcomes.values[name]] for name in ("kind", "status", "meeting", "theme")})
    return render(
        request,
        "outcomes/register/organisation.html",
        {
            "organisation": found,
            "names": [name for language, name in sorted(found.names.items()) if name != found.name],
            "aliases": [alias.text for alias in found.aliases.order_by("text")],
            "forums": visible_forums(request.user).filter(memberships__organisation=found, memberships__until=None).order_by("code"),
            "count": outcomes.count,
            "address": asked.address,
            "kinds": [(names["kind"][v.value], v.count, asked.having("kind", v.value).address) for v in outcomes.values["kind"]],
            "meetings": [
                (names["meeting"][v.value], v.count, asked.having("meeting", v.value).address) for v in outcomes.values["meeting"]
            ],
            "topics": [(names["theme"][v.value], v.count, asked.having("theme", v.value).address) for v in outcomes.values["theme"]],
            "outcomes": rows(outcomes.ordinals[:SHOWN], request.user),
            "shown": SHOWN,
        },
    )
