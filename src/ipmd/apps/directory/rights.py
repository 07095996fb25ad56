"""The table of rights as a page for people: `docs/rights.md`, printed by `ipmd rights`."""

from __future__ import annotations

from django.utils.translation import override

from .models import Role
from .rules import RIGHTS

_OPENING = """# Who may do what

Printed by `ipmd rights` from `src/ipmd/apps/directory/rules.py`; a test keeps this page and that table alike.

Everybody, signed in or not, sees what is open to the public: open forums with their meetings, and in them every document and outcome that
is not marked as closed. The rights below are beyond that. A role is given in a forum or for an organisation and holds there only; the
administrator's role, given without a place, holds everywhere. A role ends by a date and is never deleted.
"""


def rights_table() -> str:
    """The whole of `docs/rights.md`, in English: one row a right, one column a role, then the same in words for each role."""
    with override("en"):
        roles = list(Role)
        head = ["right", *(str(role.label) for role in roles)]
        lines = [_OPENING, "| " + " | ".join(head) + " |", "|---|" + ":-:|" * len(roles)]
        for right in RIGHTS.values():
            marks = ["yes" if role == Role.ADMINISTRATOR or role in right.roles else "" for role in roles]
            lines.append("| " + " | ".join([f"`{right.name}`", *marks]) + " |")
        lines += ["", "## In words", ""]
        for right in RIGHTS.values():
            holders = [str(role.label) for role in roles if role in right.roles]
            lines.append(f"- `{right.name}`: {right.allows}. Held by: {', '.join([*holders, str(Role.ADMINISTRATOR.label)])}.")
    return "\n".join(lines) + "\n"
