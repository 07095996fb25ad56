"""A forum with a meeting, outcomes with addressees, organisations and people: what tests of follow-up and of later rooms begin from.

From a file beside this one: `from .factories import make_thread`; from another folder of tests: `from ..followup.factories import …`.
"""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

SENTENCES = (
    "Governments should publish the fees that recruiters charge.",
    "The Ministry of Labour was requested to list 38 partnerships on skills.",
    "Central banks should publish the prices of sending money home.",
    "The meeting decided to meet again in 2028.",
)
DAY = datetime.date(2024, 5, 14)


@dataclass
class Thread:
    """`outcomes` in order of their codes; `organisations`: labour, bank, union, host; `people` by what they are.

    People: unit, steering, rapporteur and auditor have roles of the forum; labour_focal, bank_focal, union_focal speak for their
    organisation, wherever it is; nobody has no role; administrator has every right.
    """

    forum: Any
    meeting: Any
    session: Any
    document: Any
    outcomes: list[Any]
    organisations: dict[str, Any]
    people: dict[str, Any] = field(default_factory=dict)

    def propose(self, title: str = "Publish a list of fees", **more: Any) -> Any:
        """An action for the first outcome, led and proposed by the Ministry of Labour."""
        return make_action(self, title, **more)

    def under_way(self, title: str = "Publish a list of fees", **more: Any) -> Any:
        """The same, validated and begun."""
        from ipmd.apps.followup.models import ActionState

        action = self.propose(title, **more)
        for to, on in ((ActionState.VALIDATED, more.get("on", DAY)), (ActionState.UNDER_WAY, more.get("on", DAY))):
            step(action, to, by=self.people["unit"], on=on)
        action.refresh_from_db()
        return action


def make_organisations() -> dict[str, Any]:
    from ipmd.apps.directory.models import Organisation

    known = {
        "labour": ("MIN-LAB", "government", "Ministry of Labour"),
        "bank": ("BANK", "intergovernmental", "Development Bank"),
        "union": ("UNION", "civil_society", "Union of Migrants"),
        "host": ("HOST", "government", "Host Ministry"),
    }
    return {
        short: Organisation.objects.get_or_create(code=code, defaults={"kind": kind, "names": {"en": name}})[0]
        for short, (code, kind, name) in known.items()
    }


def make_person(email: str, name: str, *roles: tuple[str, Any, Any]) -> Any:
    """Somebody with roles: (role, forum, organisation)."""
    from ipmd.apps.directory.models import Grant, User

    person = User.objects.create_user(email, "a long password", name=name)
    for role, forum, organisation in roles:
        Grant.objects.create(user=person, role=role, forum=forum, organisation=organisation)
    return person


def make_thread(code: str = "FOL", *, is_public: bool = True, word: str = "", sentences: tuple[str, ...] = SENTENCES) -> Thread:
    """A forum of its own under `code`; `word` stands in every text of it."""
    from ipmd.apps.directory.models import Forum, Role
    from ipmd.apps.meetings.models import Document, DocumentText, Meeting, Passage, ReadingState, Session
    from ipmd.apps.outcomes.models import Outcome, OutcomeActor, OutcomeSource
    from ipmd.core.reading import read, to_bytes

    said = f"{word} " if word else ""
    forum = Forum.objects.create(code=code, names={"en": f"{said}Follow-up forum"}, is_public=is_public)
    meeting = Meeting.objects.create(
        forum=forum, code=f"{code}-2024", title=f"{said}First meeting", starts=DAY, ends=DAY + datetime.timedelta(days=2)
    )
    session = Session.objects.create(meeting=meeting, code=f"{meeting.code}/RT1", kind="round_table", title=f"{said}Skills")
    lines = [f"{said}{line}" for line in sentences]
    found = read(("# Report\n\n" + "\n\n".join(lines) + "\n").encode(), "report.md")
    document = Document.objects.create(
        meeting=meeting, title=f"{said}Report", file_name="report.md", sha256=hashlib.sha256(f"{code}{word}".encode()).hexdigest(), size=1,
        language="en", state=ReadingState.READ,
    )  # fmt: skip
    DocumentText.objects.create(
        document=document, text=found.text, packed=to_bytes(found), reader_version=found.reader_version, passage_count=len(found.passages)
    )
    Passage.objects.bulk_create(
        Passage(document=document, position=n, start=p.start, end=p.end, kind=p.kind.value, text=found.text[p.start : p.end], language="en")
        for n, p in enumerate(found.passages)
    )
    organisations = make_organisations()
    outcomes = []
    for number, line in enumerate(lines, 1):
        outcome = Outcome.objects.create(
            code=f"{session.code}/{number:02d}", number=number, forum=forum, meeting=meeting, session=session, year=2024, text=line,
            kind="recommendation", language="en", themes=["remittances"] if "money" in line else ["recruitment"],
            actors=["Ministry of Labour", "Development Bank"], actor_keys=["ministry of labour", "org:MIN-LAB", "org:BANK"],
        )  # fmt: skip
        start = found.text.index(line)
        OutcomeSource.objects.create(outcome=outcome, document=document, start=start, end=start + len(line), quote=line)
        OutcomeActor.objects.bulk_create(
            OutcomeActor(outcome=outcome, position=place, text=organisation.names["en"], organisation=organisation)
            for place, organisation in enumerate((organisations["labour"], organisations["bank"]))
        )
        outcomes.append(outcome)
    low = code.lower()
    people = {
        "unit": make_person(f"unit@{low}.example", "Support unit", (Role.SUPPORT_UNIT, forum, None)),
        "steering": make_person(f"steering@{low}.example", "Steering member", (Role.STEERING_MEMBER, forum, None)),
        "rapporteur": make_person(f"rapporteur@{low}.example", "Rapporteur", (Role.RAPPORTEUR, forum, None)),
        "auditor": make_person(f"auditor@{low}.example", "Auditor", (Role.AUDITOR, forum, None)),
        "nobody": make_person(f"nobody@{low}.example", "Without a role"),
        "administrator": make_person(f"administrator@{low}.example", "Administrator", (Role.ADMINISTRATOR, None, None)),
    }
    for short in ("labour", "bank", "union"):
        name = f"Focal point of {organisations[short].names['en']}"
        people[f"{short}_focal"] = make_person(f"{short}@{low}.example", name, (Role.FOCAL_POINT, None, organisations[short]))
    return Thread(forum, meeting, session, document, outcomes, organisations, people)


def make_action(thread: Thread, title: str = "Publish a list of fees", **more: Any) -> Any:
    """A proposed action for the first outcome, led by the Ministry of Labour, which proposes it itself."""
    from ipmd.apps.followup.actions.lifecycle import propose_action

    values: dict[str, Any] = {
        "forum": thread.forum, "title": title, "lead": thread.organisations["labour"], "by": thread.people["labour_focal"],
        "outcomes": [(thread.outcomes[0], "carries_out", "")], "on": DAY, "as_organisation": thread.organisations["labour"],
    }  # fmt: skip
    return propose_action(**(values | more))


def statement(text: str = "It was agreed in the meeting.") -> Any:
    from ipmd.apps.followup.actions.evidence import EvidenceGiven

    return EvidenceGiven(kind="statement", statement=text)


def step(action: Any, to: str, *, by: Any, on: datetime.date = DAY, **more: Any) -> Any:
    """A step with a statement as its evidence."""
    from ipmd.apps.followup.actions.lifecycle import take_step

    action.refresh_from_db()
    return take_step(action=action, to=to, by=by, on=on, **({"evidence": [statement()]} | more))


def milestone(action: Any, by: Any, title: str = "Draft list", due: datetime.date = datetime.date(2024, 9, 1), **more: Any) -> Any:
    from ipmd.apps.followup.actions.measures import add_milestone

    return add_milestone(action=action, title=title, due=due, by=by, **more)


def indicator(action: Any, by: Any, baseline: str = "0", target: str = "100", **more: Any) -> Any:
    from ipmd.apps.followup.actions.measures import add_indicator

    return add_indicator(
        action=action, name=more.pop("name", "Fees published"), baseline=Decimal(baseline), target=Decimal(target), by=by, **more
    )
