"""The signed stamp that ties a return file to who it was issued to: a file without it, or with another's, is not taken."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.signing import BadSignature, Signer

from ..models import ReturnFile
from .columns import FORMAT
from .errors import refused

_SIGNER = Signer(salt="followup.returns")


def fingerprint(rows: Any) -> str:
    """SHA-256 of what stood in a file."""
    return hashlib.sha256(json.dumps(rows, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def stamp_of(issued: ReturnFile) -> dict[str, str]:
    """What stands in the file: in the clear for people who ask, and signed."""
    return {
        "format": FORMAT,
        "issue": str(issued.pk),
        "organisation": issued.organisation.code,
        "forum": issued.forum.code,
        "language": issued.language,
        "stamp": _SIGNER.sign(f"{issued.pk}:{issued.organisation_id}:{issued.stamp}"),
    }


def issued_of(stamp: Mapping[str, str], name: str) -> ReturnFile:
    """The file that was issued with this stamp. Raises ReturnRefused: another version, an altered stamp, one we never issued."""
    given = stamp.get("format", "").strip()
    if given != FORMAT:
        raise refused("version", name=name, given=given or "–", ours=FORMAT)
    try:
        key, organisation, held = _SIGNER.unsign(stamp.get("stamp", "").strip()).split(":")
        found = ReturnFile.objects.select_related("organisation", "forum", "issued_to").filter(pk=uuid.UUID(key)).first()
    except (BadSignature, ValueError):
        raise refused("stamp", name=name) from None
    if found is None or str(found.organisation_id) != organisation or found.stamp != held:
        raise refused("unknown", name=name)
    if stamp.get("issue", key).strip() != key or stamp.get("organisation", found.organisation.code).strip() != found.organisation.code:
        raise refused("stamp", name=name)
    return found
