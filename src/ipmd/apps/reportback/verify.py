"""What `ipmd verify` checks here: the data of every frozen report are those it was frozen with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.utils.translation import gettext_noop

from ipmd.apps.thread.verifying import Problem, asked, checks

from .collect import canonical, fingerprint, stored_lines
from .models import ImplementationReport

_CHECKS: tuple[tuple[str, str, str], ...] = (
    (
        "report_back_files",
        gettext_noop("it is frozen, and no file was printed from it%(detail)s"),
        """
        SELECT r.code, '' FROM reportback_implementationreport r WHERE r.frozen_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM reportback_reportfile f WHERE f.report_id = r.id)
        """,
    ),
)


@checks("reportback")
def problems(*, files: bool = True) -> Iterator[Problem]:
    """What does not hold in this room; the files printed from reports are among those that are checked for all rooms."""
    yield from asked(_CHECKS)
    for report in ImplementationReport.objects.filter(frozen_at__isnull=False).order_by("code").iterator(chunk_size=20):
        if report.head is None or fingerprint(report.head) != report.sha256:
            yield Problem("report_back_head", report.code, gettext_noop("what stands before its lines is not what it was frozen with"))
            continue
        digest = hashlib.sha256()
        for line in stored_lines(report):
            digest.update(canonical(line).encode() + b"\n")
        if digest.hexdigest() != report.head["lines_sha256"]:
            yield Problem("report_back_lines", report.code, gettext_noop("its lines are not those it was frozen with"))
