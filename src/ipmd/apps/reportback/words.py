"""What a report says, in the reader's language: states, reasons, days, amounts. Used by documents, pages and sheets alike."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.http import urlencode
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from ipmd.apps.directory.models import in_language
from ipmd.apps.followup.models import ActionState, Answer, HowAnswered, PartnerState, Standing
from ipmd.apps.followup.templatetags.actions import percent as whole_percent
from ipmd.apps.outcomes.models import Kind
from ipmd.core.similarity import theme_label, themes

STANDINGS = (
    Standing.DONE, Standing.UNDER_WAY, Standing.PLANNED, Standing.ANSWERED, Standing.STOPPED, Standing.DECLINED, Standing.NOT_TAKEN_UP,
)  # fmt: skip
"""How far outcomes are, from the farthest to nothing at all: the order of every table and picture."""

STATES = (ActionState.DONE, ActionState.UNDER_WAY, ActionState.VALIDATED, ActionState.PROPOSED, ActionState.STOPPED)

KINDS_OF_STATE = {
    Standing.DONE: "good", Standing.UNDER_WAY: "waiting", Standing.PLANNED: "waiting", Standing.ANSWERED: "quiet",
    Standing.STOPPED: "bad", Standing.DECLINED: "quiet", Standing.NOT_TAKEN_UP: "bad",
}  # fmt: skip
"""Kind of `<c-state>` for each standing."""


def standings() -> list[tuple[str, str]]:
    """(value, name) of each standing, in order."""
    return [(standing.value, str(standing.label)) for standing in STANDINGS]


def states() -> list[tuple[str, str]]:
    """(value, name) of each state of an action, in order."""
    return [(state.value, str(state.label)) for state in STATES]


def standing(value: str) -> str:
    return str(Standing(value).label)


def state(value: str) -> str:
    return str(ActionState(value).label)


def answer(value: str) -> str:
    return str(Answer(value).label)


def how(value: str) -> str:
    return str(HowAnswered(value).label)


def partner_state(value: str) -> str:
    return str(PartnerState(value).label)


def kind(value: str) -> str:
    return str(Kind(value).label)


def theme(code: str) -> str:
    """The name of a theme; outcomes without one stand under a name too."""
    if not code:
        return _("no theme")
    return theme_label(code, get_language() or "en") if code in themes() else code


def organisation(head: Mapping[str, Any], code: str, *, short: bool = False) -> str:
    """An organisation's name as the report knows it."""
    known = head["organisations"].get(code)
    if known is None:
        return code
    return (known["acronym"] if short and known["acronym"] else in_language(known["names"])) or code


def country(head: Mapping[str, Any], code: str) -> str:
    return in_language(head["countries"].get(code, {})) or code


def day(value: str | None) -> str:
    """A day written out; empty for none."""
    return _day(value, get_language() or "en") if value else ""


@lru_cache(maxsize=8_192)
def _day(value: str, _language: str) -> str:
    # A large report says the same few thousand days half a million times.
    return date_format(datetime.date.fromisoformat(value), "DATE_FORMAT")


def figure(value: int | str | Decimal) -> str:
    """A number with its thousands set apart; all its digits."""
    return _figure(str(value), get_language() or "en")


@lru_cache(maxsize=8_192)
def _figure(text: str, _language: str) -> str:
    places = len(text.partition(".")[2])
    return number_format(Decimal(text), decimal_pos=places, force_grouping=True)


def money(amount: str | None, currency: str) -> str:
    """An amount with its currency."""
    if not amount:
        return ""
    whole, point, part = amount.partition(".")
    return f"{figure(whole + point + part.ljust(2, '0') if point else whole)} {currency}".strip()


def percent(progress: str | None) -> str:
    """Progress in whole per cents, cut and never rounded up; empty where there is nothing to measure by."""
    if progress is None:
        return ""
    return whole_percent(Decimal(progress))


def result(indicator: Mapping[str, Any]) -> str:
    """An indicator in one line: from what, to what, and what is there now."""
    unit = f" {indicator['unit']}" if indicator["unit"] else ""
    if indicator["latest"] is None:
        return _("from %(baseline)s to %(target)s%(unit)s; not reported yet") % {
            "baseline": figure(indicator["baseline"]), "target": figure(indicator["target"]), "unit": unit,
        }  # fmt: skip
    said = _("%(latest)s%(unit)s on %(day)s (from %(baseline)s, target %(target)s)")
    return said % {
        "latest": figure(indicator["latest"]), "unit": unit, "day": day(indicator["latest_on"]), "baseline": figure(indicator["baseline"]),
        "target": figure(indicator["target"]),
    }  # fmt: skip


def stuck(head: Mapping[str, Any], reason: Mapping[str, Any]) -> tuple[str, str, str]:
    """(sentence, words of the people concerned, their language) of a reason why something is stuck."""
    name = organisation(head, reason.get("organisation", ""), short=True)
    text, language = reason.get("text", ""), reason.get("language", "")
    action, on = reason.get("action", ""), day(reason.get("day"))
    match reason["why"]:
        case "needs_funds":
            said = _("%(organisation)s needs %(money)s") % {"organisation": name, "money": money(reason["amount"], reason["currency"])}
        case "rejected":
            said = _("%(organisation)s rejected it") % {"organisation": name}
        case "overtaken":
            said = _("%(organisation)s: overtaken by events") % {"organisation": name}
        case "no_response":
            said = _("no answer from %(organisation)s, due on %(day)s") % {"organisation": name, "day": on}
        case "no_plan":
            said = _("no plan from %(organisation)s, due on %(day)s") % {"organisation": name, "day": on}
        case "no_check":
            said = _("not checked by %(organisation)s, due on %(day)s") % {"organisation": name, "day": on}
        case "no_report":
            said = _("%(action)s: no report from %(organisation)s, due on %(day)s") % {"action": action, "organisation": name, "day": on}
        case "stopped":
            said = _("%(action)s was stopped on %(day)s") % {"action": action, "day": on}
        case "waits_for":
            said = _("%(action)s waits for %(others)s") % {"action": action, "others": ", ".join(reason["codes"])}
        case "late":
            said = _("%(action)s is late since %(day)s") % {"action": action, "day": on}
        case _:
            said = _("%(action)s meets obstacles") % {"action": action}
    return said, text, language


MARKS = ("late", "report_missing", "waits")


def marks() -> list[tuple[str, str]]:
    """(value, name) of what can be wrong with an action."""
    return [
        ("late", pgettext("actions", "late")),
        ("report_missing", pgettext("actions", "without the report that was due")),
        ("waits", pgettext("actions", "waiting for others")),
    ]


def quarter(value: str) -> str:
    """The end of a quarter, for an axis."""
    at = datetime.date.fromisoformat(value)
    return _("%(year)d Q%(quarter)d") % {"year": at.year, "quarter": (at.month + 2) // 3}


def address(head: Mapping[str, Any], name: str, *args: str, **query: str) -> str:
    """A whole address of this site, as a document needs it."""
    asked = {key: value for key, value in query.items() if value}
    return head["address"] + reverse(name, args=args) + (f"?{urlencode(asked)}" if asked else "")


def outcomes_list(head: Mapping[str, Any], **query: str) -> str:
    """Where the outcomes that a figure counts are listed: those of the report where it is frozen, else as they are now."""
    if head["code"]:
        return address(head, "reportback:report_outcomes", head["code"], **query)
    query.setdefault("forum", head["forum"]["code"])
    return address(head, "reportback:outcomes", **query)


_FLAGS = {"late": "late", "report_missing": "stale", "waits": "blocked"}
"""What can be wrong with an action → the flag of the list of actions as they are now."""


def actions_list(head: Mapping[str, Any], **query: str) -> str:
    """The same for actions."""
    if head["code"]:
        return address(head, "reportback:report_actions", head["code"], **query)
    mark = query.pop("mark", "")
    flag = {_FLAGS[mark]: "1"} if mark else {}
    return address(head, "followup:actions", **{"forum": head["forum"]["code"], **query, **flag})
