"""What a person agrees to when they put themselves on the roster of experts. A changed text is a new version, agreed to anew."""

from __future__ import annotations

import datetime

from django.utils.translation import gettext, gettext_noop

CURRENT = "2026-11"
"""The version of the text that is asked for now."""

HOLDS_FOR = datetime.timedelta(days=730)
ASK_AGAIN = datetime.timedelta(days=60)
"""How long before it lapses a person is asked whether they still agree."""

TEXTS: dict[str, tuple[str, ...]] = {
    "2026-11": (
        gettext_noop(
            "I agree that my name, the ways to reach me, my office, competences, languages and availability are shown on the roster of "
            "experts of this forum."
        ),
        gettext_noop(
            "They are seen by the forum’s support unit, by the task force of the host of a meeting in preparation, and by the focal points "
            "of my own organisation; by nobody else."
        ),
        gettext_noop(
            "My agreement holds for two years. I can take it back at any time, with one press of a button: I am then hidden at once. I can "
            "have everything about me erased; only my office and the dates of secondments stay."
        ),
    ),
}


def paragraphs(version: str = CURRENT) -> list[str]:
    """The text of a version, in the reader's language."""
    return [gettext(paragraph) for paragraph in TEXTS[version]]
