"""What `ipmd verify` checks here: every quote, code, link and vector of the register holds, and every document's file and reading."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_noop

from ipmd.apps.meetings.models import Document, DocumentText, StoredFile
from ipmd.apps.meetings.storage import fingerprint, open_file
from ipmd.apps.thread.verifying import Problem, asked, checks
from ipmd.core.reading import READER_VERSION, from_bytes

# Each check is one query that gives (where, parameter) of what does not hold.
_CHECKS: tuple[tuple[str, str, str], ...] = (
    (
        "source_quote",
        gettext_noop("its quote does not stand at characters %(detail)s of the document"),
        """
        SELECT o.code, q.start || '–' || q."end" FROM outcomes_outcomesource q JOIN outcomes_outcome o ON o.id = q.outcome_id
        LEFT JOIN meetings_documenttext t ON t.document_id = q.document_id
        WHERE t.text IS NULL OR substr(t.text, q.start + 1, q."end" - q.start) <> q.quote
        """,
    ),
    (
        "candidate_quote",
        gettext_noop("a candidate's quote does not stand at characters %(detail)s of the document"),
        """
        SELECT d.title, c.start || '–' || c."end" FROM outcomes_candidate c JOIN meetings_document d ON d.id = c.document_id
        LEFT JOIN meetings_documenttext t ON t.document_id = c.document_id
        WHERE t.text IS NULL OR substr(t.text, c.start + 1, c."end" - c.start) <> c.quote
        """,
    ),
    (
        "passage_text",
        gettext_noop("passage %(detail)s is not what stands in the document's text"),
        """
        SELECT d.title, p.position::text FROM meetings_passage p JOIN meetings_document d ON d.id = p.document_id
        LEFT JOIN meetings_documenttext t ON t.document_id = p.document_id
        WHERE t.text IS NULL OR substr(t.text, p.start + 1, p."end" - p.start) <> p.text
        """,
    ),
    (
        "outcome_source",
        gettext_noop("no sentence of a document stands for it, though it is %(detail)s"),
        """
        SELECT o.code, o.state FROM outcomes_outcome o WHERE o.state IN ('current', 'superseded')
        AND NOT EXISTS (SELECT 1 FROM outcomes_outcomesource q WHERE q.outcome_id = o.id AND q.withdrawn_at IS NULL)
        """,
    ),
    (
        "outcome_text",
        gettext_noop("its words are not those of its first sentence%(detail)s"),
        """
        SELECT o.code, '' FROM outcomes_outcome o
        JOIN LATERAL (
            SELECT quote FROM outcomes_outcomesource q WHERE q.outcome_id = o.id AND q.withdrawn_at IS NULL ORDER BY position, id LIMIT 1
        ) AS first ON true
        WHERE first.quote <> o.text AND o.state <> 'withdrawn'
        """,
    ),
    (
        "outcome_code",
        gettext_noop("its code has not the form of one, or not its number %(detail)s"),
        r"""
        SELECT code, number::text FROM outcomes_outcome
        WHERE code !~ '^[A-Z][A-Z0-9-]*(/[A-Z0-9.]+)?/[0-9]+$' OR substring(code FROM '[0-9]+$')::numeric <> number
        """,
    ),
    (
        "outcome_code_twice",
        gettext_noop("the code is given %(detail)s times"),
        "SELECT code, count(*)::text FROM outcomes_outcome GROUP BY code HAVING count(*) > 1",
    ),
    (
        "outcome_place",
        gettext_noop("forum, session or year is not that of its meeting %(detail)s"),
        """
        SELECT o.code, m.code FROM outcomes_outcome o JOIN meetings_meeting m ON m.id = o.meeting_id
        LEFT JOIN meetings_session s ON s.id = o.session_id
        WHERE o.forum_id <> m.forum_id OR o.year <> extract(year FROM m.starts) OR s.meeting_id <> m.id
        """,
    ),
    (
        "outcome_chain",
        gettext_noop("by way of %(detail)s it gives way to itself"),
        """
        WITH RECURSIVE chain(start, code, id, path) AS (
            SELECT id, code, coalesce(merged_into_id, superseded_by_id), ARRAY[id] FROM outcomes_outcome
            WHERE coalesce(merged_into_id, superseded_by_id) IS NOT NULL
            UNION ALL
            SELECT c.start, c.code, coalesce(o.merged_into_id, o.superseded_by_id), c.path || o.id
            FROM chain c JOIN outcomes_outcome o ON o.id = c.id WHERE c.id <> ALL (c.path)
        )
        SELECT DISTINCT chain.code, o.code FROM chain JOIN outcomes_outcome o ON o.id = chain.path[cardinality(chain.path)]
        WHERE chain.id = chain.start
        """,
    ),
    (
        "outcome_state",
        gettext_noop("it is %(detail)s and yet names one that it gave way to, or names none"),
        """
        SELECT code, state FROM outcomes_outcome
        WHERE (state = 'merged') <> (merged_into_id IS NOT NULL) OR (state = 'superseded') <> (superseded_by_id IS NOT NULL)
        """,
    ),
    (
        "outcome_actors",
        gettext_noop("its list of actors and their records differ: %(detail)s"),
        """
        SELECT o.code, array_to_string(o.actors, '; ') FROM outcomes_outcome o
        WHERE o.actors::text[] <> ARRAY(SELECT a.text::text FROM outcomes_outcomeactor a WHERE a.outcome_id = o.id ORDER BY a.position)
        """,
    ),
    (
        "outcome_vector",
        gettext_noop("its vector has length %(detail)s instead of 1"),
        "SELECT code, round(vector_norm(vector)::numeric, 4)::text FROM outcomes_outcome"
        # A vector is stored in four bytes a number, so its length is 1 only nearly.
        " WHERE vector IS NOT NULL AND abs(vector_norm(vector) - 1) > 0.001",
    ),
    (
        "link_order",
        gettext_noop("it is linked as the later of two, but %(detail)s was later"),
        """
        SELECT l.code, e.code FROM outcomes_outcomelink k JOIN outcomes_outcome l ON l.id = k.later_id
        JOIN outcomes_outcome e ON e.id = k.earlier_id JOIN meetings_meeting lm ON lm.id = l.meeting_id
        JOIN meetings_meeting em ON em.id = e.meeting_id WHERE em.starts > lm.starts
        """,
    ),
)


@checks("outcomes")
def problems(*, files: bool = True) -> Iterator[Problem]:
    """What does not hold in meetings, documents and the register, check by check."""
    yield from asked(_CHECKS)
    if files:
        yield from verify_documents()
        yield from verify_kept_files()


def verify_documents() -> Iterator[Problem]:
    """Stored files and readings: the bytes are those that were uploaded, the text is that of its reading."""
    for document in Document.objects.select_related("meeting").order_by("meeting__code", "title").iterator(chunk_size=50):
        where = f"{document.meeting.code} “{document.title}”"
        yield from _verify_file(document, where, document.file_name)
        kept = DocumentText.objects.filter(document=document).first()
        if kept is None:
            continue
        try:
            read = from_bytes(bytes(kept.packed))
        except ValueError:
            yield Problem("reading_broken", where, gettext_noop("its stored reading can't be opened"))
            continue
        if read.text != kept.text or read.sha256 != document.sha256:
            yield Problem("reading_differs", where, gettext_noop("its text is not that of its stored reading"))
        if kept.reader_version > READER_VERSION:
            yield Problem(
                "reading_newer", where, gettext_noop("it was read by version %(version)s of the reader, newer than this one"),
                {"version": kept.reader_version},
            )  # fmt: skip


def verify_kept_files() -> Iterator[Problem]:
    """Files that records of other rooms name (evidence, papers, terms, reports): the bytes are those that were kept."""
    for file in StoredFile.objects.order_by("uploaded_at", "pk").iterator(chunk_size=200):
        yield from _verify_file(file, f"{file.uploaded_at:%Y-%m-%d} “{file.name}”", file.name)


def _verify_file(record: Document | StoredFile, where: str, name: str) -> Iterator[Problem]:
    try:
        with open_file(record) as file:
            found, _size = fingerprint(file)
    except FileNotFoundError:
        yield Problem("file_missing", where, gettext_noop("its file %(name)s is not in the data folder"), {"name": name})
    else:
        if found != record.sha256:
            yield Problem("file_changed", where, gettext_noop("its file %(name)s is not the one that was uploaded"), {"name": name})
