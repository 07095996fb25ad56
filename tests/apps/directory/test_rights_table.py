"""docs/rights.md says what the table of rights says."""

from pathlib import Path

from ipmd.apps.directory.rights import rights_table


def test_the_page_is_up_to_date() -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "rights.md"
    assert page.read_text("utf-8") == rights_table(), "print it anew: .venv/bin/ipmd rights > docs/rights.md"
