"""Deadlines as written, and the last day they allow."""

from __future__ import annotations

import datetime

import pytest

from ipmd.core.extraction import extract
from ipmd.core.reading import read

MEETING = datetime.date(2009, 11, 4)


@pytest.mark.parametrize(
    ("sentence", "text", "date"),
    [
        ("Governments should reduce costs by 2010.", "by 2010", "2010-12-31"),
        ("Governments should reduce costs by the end of March 2011.", "by the end of March 2011", "2011-03-31"),
        ("The Secretariat will report by 15 April 2010.", "by 15 April 2010", "2010-04-15"),
        ("The Secretariat will report by 15 April.", "by 15 April", "2010-04-15"),
        ("The Secretariat will report within six months.", "within six months", "2010-05-04"),
        ("The Secretariat will report within 2 weeks.", "within 2 weeks", "2009-11-18"),
        ("The Secretariat will report before the next meeting.", "before the next meeting", None),
        ("Le secrétariat enverra le questionnaire d’ici 2010.", "d’ici 2010", "2010-12-31"),
        ("Le secrétariat enverra le questionnaire avant le 15 juin 2010.", "avant le 15 juin 2010", "2010-06-15"),
        ("Les gouvernements devraient publier les prix d'ici la fin de 2012.", "d'ici la fin de 2012", "2012-12-31"),
        ("La secretaría enviará el cuestionario a más tardar en marzo de 2011.", "a más tardar en marzo de 2011", "2011-03-31"),
        ("La secretaría enviará el cuestionario antes del 15 de abril de 2010.", "antes del 15 de abril de 2010", "2010-04-15"),
        ("La secretaría enviará el cuestionario a los gobiernos en un plazo de tres meses.", "en un plazo de tres meses", "2010-02-04"),
    ],
)
def test_deadline(sentence: str, text: str, date: str | None) -> None:
    (candidate,) = extract(read(sentence.encode(), "note.txt"), date=MEETING, threshold=0.1)
    assert candidate.deadline is not None
    assert (candidate.deadline.text, candidate.deadline.date and candidate.deadline.date.isoformat()) == (text, date)


def test_a_span_without_a_document_date_has_no_last_day() -> None:
    (candidate,) = extract(read(b"The Secretariat will report within six months.", "note.txt"))
    assert candidate.deadline is not None
    assert (candidate.deadline.text, candidate.deadline.date) == ("within six months", None)


def test_a_year_that_is_no_deadline_is_left_alone() -> None:
    (candidate,) = extract(read(b"Governments should implement the 2030 Agenda and resolution 61/208 of 2006.", "note.txt"))
    assert candidate.deadline is None
