"""What `ipmd verify` checks here. What time has decided is written down first, as a page or the worker would do."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_noop

from ipmd.apps.thread.verifying import Problem, asked, checks

from .actions.deciding import carry_out_pending, settle_due

# Each check is one query that gives (where, detail) of what does not hold.
_CHECKS: tuple[tuple[str, str, str], ...] = (
    (
        "decision_text",
        gettext_noop("its text is not that of version %(detail)s, on which it rests"),
        """
        SELECT d.code, v.number::text FROM deliberation_decision d JOIN deliberation_proposalversion v ON v.id = d.text_version_id
        WHERE d.text IS DISTINCT FROM (
            SELECT string_agg(p.text, E'\\n\\n' ORDER BY p.number) FROM deliberation_paragraph p WHERE p.version_id = v.id
        )
        """,
    ),
    (
        "decision_state",
        gettext_noop("there is a decision on it, and yet it is %(detail)s"),
        """
        SELECT p.code, p.state FROM deliberation_proposal p LEFT JOIN deliberation_decision d ON d.proposal_id = p.id
        WHERE (d.id IS NOT NULL) <> (p.state = 'decided')
        """,
    ),
    (
        "silence_broken",
        gettext_noop("it was adopted by silence, but there was an objection by %(detail)s"),
        """
        SELECT d.code, coalesce(g.code, m.person_id::text) FROM deliberation_decision d
        JOIN deliberation_objection o ON o.round_id = d.round_id JOIN deliberation_groupmember m ON m.id = o.seat_id
        LEFT JOIN directory_organisation g ON g.id = m.organisation_id WHERE d.how = 'silence'
        """,
    ),
    (
        "answered_late",
        gettext_noop("something was said on it after the deadline of %(detail)s"),
        """
        SELECT p.code, r.deadline::text FROM deliberation_round r JOIN deliberation_proposal p ON p.id = r.proposal_id
        WHERE EXISTS (SELECT 1 FROM deliberation_objection o WHERE o.round_id = r.id AND o.at >= r.deadline)
        OR EXISTS (SELECT 1 FROM deliberation_vote v WHERE v.round_id = r.id AND v.at >= r.deadline)
        """,
    ),
    (
        "decision_day",
        gettext_noop("it was decided at the deadline, and yet its day is %(detail)s"),
        """
        SELECT d.code, d.date::text FROM deliberation_decision d JOIN deliberation_round r ON r.id = d.round_id
        WHERE d.decided_at <> r.deadline OR d.date <> (r.deadline AT TIME ZONE r.time_zone)::date
        """,
    ),
    (
        "round_due",
        gettext_noop("its deadline of %(detail)s has passed, and it could not be settled"),
        """
        SELECT p.code, r.deadline::text FROM deliberation_round r JOIN deliberation_proposal p ON p.id = r.proposal_id
        WHERE r.state = 'open' AND r.deadline <= deliberation_now()
        """,
    ),
)


@checks("deliberation")
def problems(*, files: bool = True) -> Iterator[Problem]:
    """Everything of this room that does not hold."""
    settle_due()
    carry_out_pending()
    yield from asked(_CHECKS)
