"""What the database refuses by itself, whoever writes."""

import datetime

import pytest
from django.db import IntegrityError, connection

from ipmd.apps.directory.models import Forum
from ipmd.apps.meetings.models import Document, Meeting, Session


def test_a_document_cannot_be_put_into_a_session_of_another_meeting(db):
    forum = Forum.objects.create(code="RULE", names={"en": "Rules"})
    day = datetime.date(2026, 1, 1)
    one, two = (Meeting.objects.create(forum=forum, code=f"RULE-{n}", title=str(n), starts=day, ends=day) for n in (1, 2))
    session = Session.objects.create(meeting=two, code="RULE-2/RT1", kind="round_table", title="Round table 1")
    document = Document.objects.create(meeting=one, title="Report", file_name="r.txt", sha256="0" * 64, size=1)
    with pytest.raises(IntegrityError, match="is not of meeting"), connection.cursor() as cursor:
        cursor.execute("UPDATE meetings_document SET session_id = %s WHERE id = %s", [session.pk, document.pk])
