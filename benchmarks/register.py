"""The register with 200,000 outcomes: searches, filters, counts and pages; prints JSON.

    python benchmarks/register.py [--outcomes 200000] [--data FOLDER]

Outcomes are made here, always the same ones, in three languages: 320 sessions of 32 meetings of four forums. Their vectors are sums of two
encoded sentences, so that they lie where sentences lie. With `--data` the server's folder is kept, and a second run starts at once.

`database_ms`: time in the database of all queries of one search (the page's rows with it); `page_ms`: the whole page through Django, as
a visitor gets it, after one round of the questions; vectors of questions are made anew for each page.
`queries` of a page with 1 and with 25 rows. `peer`: the same words by SQLite's FTS5 over the same texts with counts by six filters, as a
program without our columns would do it, and by PostgreSQL's LIKE over all rows.
`ratio` above 1: ours is faster.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

WHO = {
    "en": ("Governments", "The host country", "International organizations", "Civil society", "The Support Unit", "Countries of origin"),
    "fr": ("Les gouvernements", "Le pays hôte", "Les organisations internationales", "La société civile", "Les pays d’origine"),
    "es": ("Los gobiernos", "El país anfitrión", "Las organizaciones internacionales", "La sociedad civil", "Los países de origen"),
}
WHAT = {
    "en": ("should share data on", "are invited to halve the cost of", "will report on", "agreed to set up a fund for", "should study"),
    "fr": ("devraient échanger des données sur", "sont invités à réduire le coût de", "rendront compte de", "devraient étudier"),
    "es": ("deberían compartir datos sobre", "son invitados a reducir el costo de", "informarán sobre", "deberían estudiar"),
}
ABOUT = {
    "en": ("remittances", "circular migration", "diaspora investment", "policy coherence", "the rights of migrants", "return", "visas",
           "skills recognition", "recruitment fees", "health care", "the protection of children", "climate displacement"),
    "fr": ("les envois de fonds", "la migration circulaire", "l’investissement de la diaspora", "la cohérence des politiques",
           "les droits des migrants", "le retour", "les visas", "la reconnaissance des compétences", "les frais de recrutement"),
    "es": ("las remesas", "la migración circular", "la inversión de la diáspora", "la coherencia de las políticas",
           "los derechos de los migrantes", "el retorno", "los visados", "el reconocimiento de competencias"),
}  # fmt: skip
WHEN = {
    "en": ("by 2010", "before the next meeting", "with their partners", "at the national level", "in close cooperation with banks"),
    "fr": ("d’ici à 2010", "avant la prochaine réunion", "avec leurs partenaires", "au niveau national"),
    "es": ("para 2010", "antes de la próxima reunión", "con sus socios", "a nivel nacional"),
}
KINDS = ("recommendation", "request", "decision", "commitment", "proposal", "activity")
ACTORS = ("governments", "countries of origin", "host country", "civil society", *(f"org:ORG-{n}" for n in range(60)))
SEARCHES = {
    "word": ("remittances", "visados", "recrutement", "diaspora", "children", "banks", "gobiernos", "coherencia", "étudier", "2010"),
    "words": ("governments share data", "invited halve cost visas", "fonds au niveau national", "reducir el costo de las remesas"),
    "phrase": ('"circular migration"', '"droits des migrants" partenaires', '"policy coherence" "national level"', "recruitment -visas"),
    "code": ("GFM0-1997", "GFM1-2003/RT2", "GFM2-2005/RT1/0004", "gfm0-2001/rt3"),
    "meaning": (
        "comment baisser le prix des transferts d’argent", "how to protect minors who migrate",
        "qué se decidió sobre los títulos profesionales",
        "money sent home by workers", "Geld nach Hause senden", "الهجرة والتنمية", "return and reintegration support",
    ),
}  # fmt: skip
FILTERS = (
    "", "kind=decision", "forum=GFM1", "theme=remittances", "actor=civil society", "language=fr&year=2003", "status=done&kind=activity",
    "meeting=GFM0-1997", "meeting=GFM0-1997&session=GFM0-1997/RT1", "kind=request&kind=proposal&language=es", "state=withdrawn", "page=400",
    "sort=code", "sort=code&theme=diaspora&kind=recommendation", "actor=org:ORG-5&theme=remittances",
)  # fmt: skip


def outcomes(count: int, sessions: list[tuple[Any, ...]], themes: list[str]) -> Iterator[tuple[Any, ...]]:
    chance = random.Random(20071)
    numbers: dict[Any, int] = {}
    for _ in range(count):
        session, meeting, forum, code, year = sessions[int(len(sessions) * chance.random() ** 1.3)]
        language = chance.choices(("en", "fr", "es"), (6, 2, 2))[0]
        parts = [chance.choice(part[language]) for part in (WHO, WHAT, ABOUT)]
        for _ in range(chance.randrange(4)):
            parts.append(chance.choice((WHEN, ABOUT))[language][chance.randrange(4)])
        number = numbers[session] = numbers.get(session, 0) + 1
        text = " ".join(parts) + f" ({number})."
        state = chance.choices(("current", "withdrawn"), (97, 3))[0]
        yield (
            uuid.UUID(int=chance.getrandbits(128), version=4), f"{code}/{number:04d}", number, forum, meeting, session, year, text, state,
            chance.random() < 0.95, chance.choice(KINDS), chance.choices(("proposed", "under way", "done", ""), (2, 3, 2, 3))[0],
            language, list({chance.choice(ACTORS) for _ in range(chance.randrange(1, 4))}),
            list({themes[int(len(themes) * chance.random() ** 2)] for _ in range(chance.randrange(4))}), number % 2000,
        )  # fmt: skip


def fill(count: int) -> None:
    """Make the forums, meetings, sessions and outcomes; a few minutes, most of it the index of vectors."""
    from django.db import connection
    from pgvector.psycopg import register_vector

    from ipmd.apps.directory.models import Forum, Organisation
    from ipmd.apps.meetings.models import Meeting, Session
    from ipmd.core.similarity import encode, themes

    chance = random.Random(7)
    sentences = [
        " ".join(chance.choice(part[language]) for part in (WHO, WHAT, ABOUT, WHEN))
        for language in chance.choices(("en", "fr", "es"), (6, 2, 2), k=2000)
    ]
    Organisation.objects.bulk_create(
        Organisation(code=f"ORG-{n}", kind="government", names={"en": f"Ministry {n}"}, acronym=f"M{n}") for n in range(60)
    )
    forums = [Forum.objects.create(code=f"GFM{n}", names={"en": f"Forum {n}"}, is_public=n != 3) for n in range(4)]
    sessions: list[tuple[Any, ...]] = []
    for n in range(32):
        year = 1997 + n % 8 + n // 8
        meeting = Meeting.objects.create(
            forum=forums[n % 4], code=f"GFM{n % 4}-{year}", title=f"Meeting {n}", starts=f"{year}-06-01", ends=f"{year}-06-03"
        ) if not Meeting.objects.filter(code=f"GFM{n % 4}-{year}").exists() else Meeting.objects.get(code=f"GFM{n % 4}-{year}")  # fmt: skip
        for k in range(10):
            session, made = Session.objects.get_or_create(
                code=f"{meeting.code}/RT{k}", defaults={"meeting": meeting, "kind": "round_table", "title": f"Round table {k}"}
            )
            if made:
                sessions.append((session.pk, meeting.pk, forums[n % 4].pk, session.code, year))
    vectors = encode(sentences)
    with connection.cursor() as cursor:
        raw = cursor.connection
        register_vector(raw)
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexname IN"
            " ('outcome_words', 'outcome_themes', 'outcome_actor_keys', 'outcome_vector')"
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute("CREATE TEMP TABLE base (n serial, v vector(512))")
        cursor.execute(
            "CREATE TEMP TABLE made (id uuid, code text, number int, forum uuid, meeting uuid, session uuid, year int, text text,"
            " state text, public bool, kind text, status text, language text, actors text[], themes text[], place int)"
        )
        with raw.cursor().copy("COPY base (v) FROM STDIN WITH (FORMAT BINARY)") as copy:
            copy.set_types(["vector"])
            for vector in vectors:
                copy.write_row([vector])
        with raw.cursor().copy("COPY made FROM STDIN") as copy:
            for row in outcomes(count, sessions, list(themes())):
                copy.write_row(row)
        cursor.execute(
            """
            INSERT INTO outcomes_outcome (id, code, number, forum_id, meeting_id, session_id, year, text, state, state_reason, is_public,
                kind, status, language, actors, actor_keys, themes, deadline_text, accepted_at, version, vector)
            SELECT id, code, number, forum, meeting, session, year, text, state, '', public, kind, status, language,
                made.actors, made.actors, themes, '', now(), 1, l2_normalize(a.v + a.v + b.v)
            FROM made JOIN base a ON a.n = 1 + abs(hashint4(number * 31 + year)) % 2000
                JOIN base b ON b.n = 1 + abs(hashint4(number * 7 + length(text))) % 2000
            """
        )
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("SET maintenance_work_mem = '900MB'")
        for _name, definition in indexes:
            cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE outcomes_outcome")
        cursor.execute("ANALYZE")


def spread(taken: list[float]) -> dict[str, float]:
    ordered = sorted(taken)
    return {
        "p50": round(1000 * statistics.median(ordered), 1),
        "p95": round(1000 * ordered[int(0.95 * (len(ordered) - 1))], 1),
        "max": round(1000 * ordered[-1], 1),
        "n": len(ordered),
    }


def timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def questions() -> dict[str, list[str]]:
    """The mix: at least 300 addresses."""
    from urllib.parse import quote_plus

    chance = random.Random(11)
    mix = {"filters": [query.replace(" ", "+") for query in FILTERS for _ in range(4)]}
    for name, texts in SEARCHES.items():
        mix[name] = [
            f"q={quote_plus(text)}" + (f"&{chance.choice(FILTERS[1:9]).replace(' ', '+')}" if turn % 2 else "")
            for text in texts
            for turn in range(max(2, 56 // len(texts)))
        ]
    return mix


def measure() -> dict[str, Any]:
    from django.contrib.auth.models import AnonymousUser
    from django.db import connection
    from django.http import QueryDict
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from ipmd.apps.outcomes.queries import columns as in_memory
    from ipmd.apps.outcomes.queries import register, words

    spent: list[float] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.append(time.perf_counter() - start)

    result: dict[str, Any] = {"first_look_s": round(timed(in_memory.columns), 2)}
    words.meaning_of("warm")
    client = Client(HTTP_HOST="localhost")
    client.get("/outcomes/")
    database: dict[str, list[float]] = {}
    pages: dict[str, list[float]] = {}
    # One round unmeasured: the database reads its index of vectors into memory, as it has after some minutes of use.
    for address in {address for addresses in questions().values() for address in addresses}:
        register.search(register.Asked.of(QueryDict(address)), AnonymousUser())
    for name, addresses in questions().items():
        for address in addresses:
            spent.clear()
            with connection.execute_wrapper(watch):
                found = register.search(register.Asked.of(QueryDict(address)), AnonymousUser())
                register.rows(found.ordinals[:25], AnonymousUser())
            database.setdefault(name, []).append(sum(spent))
            words.meaning_of.cache_clear()

            def get(address: str = address) -> None:
                response = client.get("/outcomes/?" + address)
                assert response.status_code == 200, (address, response.status_code)

            pages.setdefault(name, []).append(timed(get))
    result["database_ms"] = {"all": spread([t for taken in database.values() for t in taken])} | {n: spread(t) for n, t in database.items()}
    result["page_ms"] = {"all": spread([t for taken in pages.values() for t in taken])} | {n: spread(t) for n, t in pages.items()}
    counts = {}
    for rows, address in (("1", "q=GFM2-2005/RT1/0004"), ("25", "q=GFM2-2005/RT1")):
        with CaptureQueriesContext(connection, ) as captured:  # fmt: skip
            client.get("/outcomes/?" + address)
        counts[rows] = len(captured)
    result["queries"] = counts
    result["peer"] = peers()
    return result


def peers() -> dict[str, Any]:
    """The same searches by SQLite FTS5 with counts, and by LIKE."""
    from django.contrib.auth.models import AnonymousUser
    from django.db import connection

    from ipmd.apps.outcomes.queries import register

    lite = sqlite3.connect(":memory:")
    lite.execute("CREATE TABLE o (n INTEGER PRIMARY KEY, forum, meeting, kind, status, language, year, state, public)")
    lite.execute("CREATE VIRTUAL TABLE t USING fts5(text, content='', tokenize='porter unicode61')")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ordinal, forum_id::text, meeting_id::text, kind, status, language, year, state, is_public, text FROM outcomes_outcome"
        )
        for row in cursor:
            lite.execute("INSERT INTO o VALUES (?,?,?,?,?,?,?,?,?)", row[:9])
            lite.execute("INSERT INTO t (rowid, text) VALUES (?, ?)", (row[0], row[9]))

    def by_sqlite(text: str) -> None:
        wanted = " ".join(f'"{word}"' for word in text.split())
        lite.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT 25", (wanted,)).fetchall()
        for name in ("forum", "meeting", "kind", "status", "language", "year"):
            lite.execute(
                f"SELECT {name}, count(*) FROM o JOIN t ON t.rowid = o.n WHERE t MATCH ? AND state = 'current' AND public GROUP BY 1",
                (wanted,),
            ).fetchall()

    def by_like(text: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM outcomes_outcome WHERE text ILIKE %s AND is_public ORDER BY code LIMIT 25", [f"%{text}%"])
            cursor.fetchall()
            cursor.execute("SELECT kind, count(*) FROM outcomes_outcome WHERE text ILIKE %s AND is_public GROUP BY 1", [f"%{text}%"])
            cursor.fetchall()

    def by_us(text: str) -> None:
        found = register.search(register.Asked(text=text), AnonymousUser())
        register.rows(found.ordinals[:25], AnonymousUser())

    taken: dict[str, list[float]] = {"ours": [], "sqlite_fts5": [], "postgresql_like": []}
    for text in (*SEARCHES["word"], *SEARCHES["words"]):
        taken["ours"].append(timed(lambda text=text: by_us(text)))  # type: ignore[misc]  # bound at once
        taken["sqlite_fts5"].append(timed(lambda text=text: by_sqlite(text)))  # type: ignore[misc]
        taken["postgresql_like"].append(timed(lambda text=text: by_like(text)))  # type: ignore[misc]
    ours = sum(taken["ours"])
    return {name: {**spread(each), "ratio": round(sum(each) / ours, 2)} for name, each in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--outcomes", type=int, default=200_000)
    parser.add_argument("--data", type=Path, help="folder of the server, kept; a temporary one by default")
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

            call_command("migrate", verbosity=0)
            if not Outcome.objects.exists():
                fill(arguments.outcomes)
            result = {"outcomes": Outcome.objects.count(), **measure()}
            connection.close()
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
