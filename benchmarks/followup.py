"""Follow-up of 20,000 outcomes, 50,000 actions and 500,000 progress reports: dashboards, lists and the report back; prints JSON.

    python benchmarks/followup.py [--outcomes 20000] [--data FOLDER] [--only pages|report]

The records are made here, always the same ones but for their keys, by the database itself. With `--data` the server's folder is kept, and a
second run starts at once.

`page_ms`: whole pages through Django, as a visitor gets them (95th percentile); pictures are drawn once and kept, as in use, so that each
address is asked once unmeasured. `queries`: of a dashboard of one meeting and of the whole forum. `report`: seconds to collect the data of
a report over all outcomes and to print it as DOCX, PDF and XLSX, and the peak memory of that process and of its children, for the whole
and for a tenth of it: flat means that they differ little.
`peer`: four of the figures (outcomes by meeting and how far they are, actions by state, steps by quarter, who works on what) counted in
plain Python over the rows, fetched in the same run, as a program without sums in the database would do it. `ratio` above 1: ours is faster.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

FILL = """
CREATE TEMP TABLE s AS SELECT id, meeting_id, code, row_number() OVER (ORDER BY code) - 1 AS n FROM meetings_session;
CREATE TEMP TABLE g AS SELECT id, code, row_number() OVER (ORDER BY code) - 1 AS n FROM directory_organisation WHERE code LIKE 'ORG-%%';
CREATE TEMP TABLE th AS SELECT t AS theme, row_number() OVER () - 1 AS n FROM unnest(%(themes)s::text[]) t;

CREATE TEMP TABLE o AS SELECT i, uuidv7() AS id, s.id AS session, s.meeting_id AS meeting,
    s.code || '/' || lpad((i / %(sessions)s + 1)::text, 3, '0') AS code, i / %(sessions)s + 1 AS number
    FROM generate_series(0, %(outcomes)s - 1) i JOIN s ON s.n = i %% %(sessions)s;
INSERT INTO outcomes_outcome (id, code, number, forum_id, meeting_id, session_id, year, text, state, state_reason, is_public, kind, status,
    language, actors, actor_keys, themes, deadline_text, accepted_at, version)
SELECT o.id, o.code, o.number, m.forum_id, m.id, o.session, extract(year FROM m.starts),
    'Governments and their partners should publish what sending money home costs, number ' || o.i
    || ', before the next meeting, and report on it.',
    'current', '', true, 'recommendation', '', 'en', ARRAY['Organisation ' || o.i %% 60],
    ARRAY['organisation ' || o.i %% 60, 'org:ORG-' || lpad((o.i %% 60)::text, 2, '0')],
    ARRAY(SELECT theme FROM th WHERE th.n IN (o.i %% %(theme_count)s, (o.i * 7 / 3) %% %(theme_count)s)), '', now() - interval '30 days', 1
FROM o JOIN meetings_meeting m ON m.id = o.meeting;
INSERT INTO outcomes_outcomeactor (id, outcome_id, position, text, organisation_id)
SELECT uuidv7(), o.id, 0, 'Organisation ' || o.i %% 60, g.id FROM o JOIN g ON g.n = o.i %% 60;

CREATE TEMP TABLE a AS SELECT i, uuidv7() AS id, 'AC-' || lpad((i + 1)::text, 5, '0') AS code, i %% 7 AS fate, (i * 13) %% 60 AS lead,
    date '2018-01-01' + (i %% 2400) AS day FROM generate_series(0, %(actions)s - 1) i;
INSERT INTO followup_action (id, code, forum_id, title, about, language, lead_id, state, starts, ends, themes, budget, currency,
    report_months, is_public, created_at, version, blocked_by)
SELECT a.id, a.code, %(forum)s, 'Action number ' || a.i || ' on the cost of sending money', '', 'en', g.id,
    CASE fate WHEN 0 THEN 'proposed' WHEN 1 THEN 'validated' WHEN 5 THEN 'done' WHEN 6 THEN 'stopped' ELSE 'under_way' END,
    day, day + 900, ARRAY(SELECT theme FROM th WHERE th.n = a.i %% %(theme_count)s), CASE WHEN i %% 3 = 0 THEN 1000 + i END,
    CASE WHEN i %% 3 = 0 THEN 'USD' ELSE '' END, 6, true, day, 1, '{}'
FROM a JOIN g ON g.n = a.lead;
INSERT INTO followup_actionstep (id, action_id, before, after, "on", at, reason)
SELECT uuidv7(), a.id, v.before, v.after, a.day + v.later, now() - interval '20 days' + v.later * interval '1 second', v.reason
FROM a CROSS JOIN (VALUES (0, '', 'proposed', 0, ''), (1, 'proposed', 'validated', 60, ''), (2, 'validated', 'under_way', 120, ''),
    (5, 'under_way', 'done', 700, ''), (6, 'under_way', 'stopped', 400, 'No funds.')) v(fate, before, after, later, reason)
WHERE v.fate <= a.fate AND (v.fate <= 2 OR v.fate = a.fate);
INSERT INTO followup_actionpartner (id, action_id, organisation_id, part, state, reason, asked_at, answered_at)
SELECT uuidv7(), a.id, g.id, '', 'accepted', '', now() - interval '20 days', now() - interval '20 days'
FROM a JOIN g ON g.n IN (a.lead, (a.lead + 7) %% 60);
INSERT INTO followup_actionoutcome (id, action_id, outcome_id, how, note)
SELECT uuidv7(), a.id, o.id, 'carries_out', '' FROM a JOIN o ON o.i = (a.i * 3) %% (%(outcomes)s * 4 / 5);
CREATE TEMP TABLE n AS SELECT uuidv7() AS id, a.id AS action, a.i FROM a;
INSERT INTO followup_indicator (id, action_id, position, name, unit, baseline, target, combine, by, weight, withdrawn_why,
    version)
SELECT n.id, n.action, 0, 'People who know what it costs', 'people', 0, 5000, 'sum', '{}', 1, '', 1 FROM n;
INSERT INTO followup_milestone (id, action_id, position, title, due, weight, done_on, withdrawn_why, version)
SELECT uuidv7(), a.id, k, 'Step ' || k, a.day + 200 * k, 1, CASE WHEN a.fate IN (3, 4, 5) AND k = 1 THEN a.day + 190 END, '', 1
FROM a CROSS JOIN generate_series(1, 2) k;
CREATE TEMP TABLE r AS SELECT uuidv7() AS id, a.id AS action, a.i, k, a.day + 90 * k AS start, g.id AS organisation
    FROM a JOIN g ON g.n = a.lead CROSS JOIN generate_series(0, 9) k;
INSERT INTO followup_progressreport (id, action_id, organisation_id, period_start, period_end, text, obstacles, language, "on", at,
    by_whom, via)
SELECT r.id, r.action, r.organisation, r.start, r.start + 89, 'Prices were published in ' || r.k || ' countries; two workshops were held.',
    CASE WHEN r.i %% 4 = 0 THEN 'The law was not adopted yet.' ELSE '' END, 'en', r.start + 95,
    now() - interval '10 days' + r.k * interval '1 hour', 'The office in charge', 'file' FROM r;
INSERT INTO followup_indicatorvalue (id, report_id, indicator_id, value, "group")
SELECT uuidv7(), r.id, n.id, 100 + r.k, '{}' FROM r JOIN n ON n.action = r.action;
INSERT INTO followup_evidence (id, action_id, kind, title, statement, link, date, is_public, added_at, withdrawn_why)
SELECT uuidv7(), a.id, 'link', 'List of prices', '', 'https://example.org/prices/' || a.i, a.day, true, now() - interval '9 days', ''
FROM a WHERE i %% 3 = 0;
INSERT INTO followup_outcomeresponse (id, outcome_id, organisation_id, answer, text, amount, currency, "on", at, by_whom, via)
SELECT uuidv7(), o.id, g.id, CASE o.i %% 5 WHEN 0 THEN 'rejected' WHEN 1 THEN 'needs_funds' ELSE 'accepted' END,
    CASE o.i %% 5 WHEN 0 THEN 'Not ours.' ELSE '' END, CASE o.i %% 5 WHEN 1 THEN 5000 END, CASE o.i %% 5 WHEN 1 THEN 'EUR' ELSE '' END,
    date '2024-01-01', now() - interval '15 days', 'The office in charge', 'file' FROM o JOIN g ON g.n = o.i %% 60 WHERE o.i %% 3 = 0;
INSERT INTO followup_due (id, kind, forum_id, organisation_id, action_id, due, period_start, period_end, waived_why)
SELECT uuidv7(), 'report', %(forum)s, g.id, a.id, date '2026-10-01', date '2026-04-01', date '2026-09-30', '' FROM a JOIN g ON g.n = a.lead
WHERE a.fate IN (2, 3, 4) AND a.i %% 2 = 0;
"""


def fill(outcomes: int) -> None:
    """Make everything, or nothing; a minute or two."""
    from django.db import connection, transaction

    from ipmd.apps.followup import standing
    from ipmd.apps.followup.models import Action
    from ipmd.apps.outcomes.models import Outcome

    with transaction.atomic():
        make(outcomes)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    actions = list(Action.objects.order_by("code").values_list("pk", flat=True))
    for start in range(0, len(actions), 5_000):
        standing.refresh_actions(actions[start : start + 5_000])
    standing.refresh_outcomes(list(Outcome.objects.values_list("pk", flat=True)))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def make(outcomes: int) -> None:
    """The rows."""
    import datetime

    from django.db import connection

    from ipmd.apps.directory.models import Forum, Organisation
    from ipmd.apps.meetings.models import Meeting, Session
    from ipmd.core.similarity import themes

    Organisation.objects.bulk_create(
        Organisation(code=f"ORG-{n:02d}", kind="government", names={"en": f"Organisation {n}"}, acronym=f"O{n}") for n in range(60)
    )
    forum = Forum.objects.create(code="GFM", names={"en": "Forum"})
    for year in range(2005, 2025):
        day = datetime.date(year, 6, 1)
        meeting = Meeting.objects.create(forum=forum, code=f"GFM-{year}", title=f"Meeting of {year}", starts=day, ends=day)
        for k in range(10):
            Session.objects.create(meeting=meeting, code=f"{meeting.code}/RT{k}", kind="round_table", title=f"Round table {k}", position=k)
    day = datetime.date(2026, 6, 1)
    Meeting.objects.create(forum=forum, code="GFM-2026", title="The next meeting", starts=day, ends=day)
    given: dict[str, Any] = {
        "themes": list(themes()), "theme_count": len(themes()), "outcomes": outcomes, "actions": outcomes * 5 // 2, "sessions": 200,
        "forum": forum.pk,
    }  # fmt: skip
    with connection.cursor() as cursor:
        # The triggers are measured elsewhere; half a million reports one by one would take the better part of an hour.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement, given)


def spread(taken: list[float]) -> dict[str, float]:
    ordered = sorted(taken)
    return {
        "p50": round(1000 * statistics.median(ordered), 1), "p95": round(1000 * ordered[int(0.95 * (len(ordered) - 1))], 1),
        "max": round(1000 * ordered[-1], 1), "n": len(ordered),
    }  # fmt: skip


def timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def addresses() -> dict[str, list[str]]:
    from ipmd.core.similarity import themes

    return {
        "dashboards": [
            "/dashboard/GFM/",
            *(f"/dashboard/GFM/meeting/GFM-{year}/" for year in range(2005, 2025)),
            *(f"/dashboard/GFM/theme/{theme}/" for theme in list(themes())[:20]),
            *(f"/dashboard/GFM/organisation/ORG-{n:02d}/" for n in range(20)),
            "/follow-up/",
        ],
        "lists": [
            "/follow-up/outcomes/", "/follow-up/outcomes/?standing=not_taken_up", "/follow-up/outcomes/?standing=under_way&page=200",
            "/follow-up/outcomes/?sort=due", "/follow-up/outcomes/?meeting=GFM-2010&standing=done",
            "/follow-up/outcomes/?answer=needs_funds",
            "/follow-up/outcomes/?addressee=ORG-07", "/follow-up/outcomes/?partner=ORG-07", "/follow-up/outcomes/?q=number+777",
            "/actions/", "/actions/?state=under_way", "/actions/?late=1", "/actions/?lead=ORG-09&page=3", "/actions/?meeting=GFM-2012",
        ],
    }  # fmt: skip


def pages() -> dict[str, Any]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(HTTP_HOST="localhost")
    taken: dict[str, dict[str, float]] = {}

    def get(address: str) -> None:
        assert client.get(address).status_code == 200, address

    for name, each in addresses().items():
        for address in each:
            get(address)
        taken[name] = {address: min(timed(lambda address=address: get(address)) for _ in range(1)) for address in each}  # type: ignore[misc]
    queries = {}
    for address in ("/dashboard/GFM/meeting/GFM-2010/", "/dashboard/GFM/"):
        with CaptureQueriesContext(connection) as captured:
            get(address)
        queries[address] = len(captured)
    every = {address: each for group in taken.values() for address, each in group.items()}
    slowest = sorted(every, key=lambda address: -every[address])[:5]
    return {
        "page_ms": {"all": spread(list(every.values()))} | {name: spread(list(each.values())) for name, each in taken.items()},
        "slowest_ms": {address: round(1000 * every[address], 1) for address in slowest},
        "queries": queries,
    }


def report(share: float) -> dict[str, Any]:
    """In this process: a report over a share of the meetings, in all forms."""
    from django.utils import timezone

    from ipmd.apps.meetings.models import Meeting
    from ipmd.apps.reportback import printing
    from ipmd.apps.reportback.collect import Scope, live

    meeting = Meeting.objects.select_related("forum").get(code="GFM-2026")
    covered = [m.code for m in Meeting.objects.exclude(pk=meeting.pk).order_by("code")]
    scope = Scope(meeting.forum, meeting, timezone.now().date(), covered[: round(len(covered) * share)])
    seconds: dict[str, Any] = {}
    start = time.perf_counter()
    snapshot = live(scope)
    seconds["collect"] = round(time.perf_counter() - start, 1)
    sizes = {}
    for form in ("docx", "pdf", "xlsx"):
        with tempfile.TemporaryFile() as file:
            seconds[form] = round(timed(lambda form=form, file=file: printing.write(snapshot, form, file)), 1)  # type: ignore[misc]
            sizes[form] = round(file.seek(0, 2) / 2**20, 1)
    return {
        "outcomes": snapshot.head["figures"]["outcomes"], "seconds": seconds | {"all": round(sum(seconds.values()), 1)}, "size_mb": sizes,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "peak_mb_of_children": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }  # fmt: skip


def peer() -> dict[str, Any]:
    """The same figures by plain Python over all rows, beside our sums."""
    from django.contrib.auth.models import AnonymousUser
    from django.db import connection
    from django.utils import timezone

    from ipmd.apps.directory.models import Forum
    from ipmd.apps.reportback.queries.dashboard import About, figures

    found: dict[str, Any] = {}

    def ours() -> None:
        found["ours"] = figures(About(Forum.objects.get(code="GFM")), AnonymousUser(), timezone.now().date())

    def theirs() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT m.code, s.standing FROM outcomes_outcome o JOIN meetings_meeting m ON m.id = o.meeting_id"
                           " LEFT JOIN followup_outcomestanding s ON s.outcome_id = o.id")  # fmt: skip
            found["outcomes"] = Counter((meeting, standing or "not_taken_up") for meeting, standing in cursor.fetchall())
            cursor.execute("SELECT state FROM followup_action")
            found["actions"] = Counter(state for (state,) in cursor.fetchall())
            cursor.execute('SELECT "on", before, after FROM followup_actionstep')
            found["steps"] = Counter((day.year, (day.month + 2) // 3, before, after) for day, before, after in cursor.fetchall())
            cursor.execute("SELECT l.outcome_id, p.organisation_id FROM followup_actionoutcome l"
                           " JOIN followup_actionpartner p ON p.action_id = l.action_id")  # fmt: skip
            found["pairs"] = Counter(cursor.fetchall())

    taken = {"ours": min(timed(ours) for _ in range(3)), "plain_python": min(timed(theirs) for _ in range(3))}
    mine = found["ours"]
    assert {(m, s): n for m, row in mine.by_place.items() for s, n in row.items()} == dict(found["outcomes"])
    assert dict(mine.actions) == dict(found["actions"])
    return {name: {"ms": round(1000 * each, 1), "ratio": round(each / taken["ours"], 2)} for name, each in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--outcomes", type=int, default=20_000)
    parser.add_argument("--data", type=Path, help="folder of the server, kept; a temporary one by default")
    parser.add_argument("--only", choices=["pages", "report"])
    parser.add_argument("--share", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ipmd-bench-") as temporary:
        data = arguments.data or Path(temporary)
        os.environ["IPMD_DATA"] = str(data)
        os.environ["DJANGO_SETTINGS_MODULE"] = "ipmd.settings"
        os.environ.pop("DATABASE_URL", None)
        from ipmd.house import postgres

        with postgres.serve(data, None):
            import django

            django.setup()
            from django.core.management import call_command
            from django.db import connection

            from ipmd.apps.outcomes.models import Outcome

            if arguments.share:
                print(json.dumps(report(arguments.share)))
                connection.close()
                return
            call_command("migrate", verbosity=0)
            if not Outcome.objects.exists():
                fill(arguments.outcomes)
            result: dict[str, Any] = {"outcomes": Outcome.objects.count()}
            if arguments.only != "report":
                result |= pages() | {"peer": peer()}
            if arguments.only != "pages":
                # Each in a process of its own: peak memory is that of one report.
                command = [sys.executable, __file__, "--data", str(data), "--share"]
                made = {share: subprocess.run([*command, share], check=True, capture_output=True, text=True) for share in ("0.1", "1")}
                result["report"] = {
                    name: json.loads(made[share].stdout.splitlines()[-1]) for name, share in (("tenth", "0.1"), ("whole", "1"))
                }
            connection.close()
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
