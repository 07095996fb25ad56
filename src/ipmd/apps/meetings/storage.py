"""Files of documents, kept under the fingerprint of their bytes: the same bytes are one file, whatever they are called.

A file is written before the row that names it, so that a row never points at nothing; a file no row names is swept away later
(`sweep`). Page pictures are made from the files and can be made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath
from typing import IO, Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from ipmd.apps.directory.models import User

from .errors import refusal
from .models import Document, StoredFile

_CHUNK = 1 << 20


def path_of(sha256: str) -> str:
    """Where a file stands in the storage."""
    return f"{sha256[:2]}/{sha256}"


def fingerprint(file: IO[bytes]) -> tuple[str, int]:
    """SHA-256 (hexadecimal) and size in bytes of a file, read a megabyte at a time; the file is left at its beginning."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    file.seek(0)
    return digest.hexdigest(), size


def put(file: IO[bytes], sha256: str, size: int) -> None:
    """Keep a file. Nothing happens when it is there already; one that a crash cut short is written again."""
    place = path_of(sha256)
    if default_storage.exists(place):
        if default_storage.size(place) == size:
            return
        default_storage.delete(place)
    stored = default_storage.save(place, file if isinstance(file, File) else File(file, name=sha256))
    if stored != place:
        # Somebody stored the same bytes in the same moment; the storage gave ours another name.
        default_storage.delete(stored)


def keep(file: IO[bytes], *, name: str, media_type: str = "", by: User | None = None) -> StoredFile:
    """Keep a file that a record of a later room names. Call it inside the transaction that makes that record.

    Raises MeetingError `empty`, `too_large` (the limit for documents holds for every file).
    """
    check_size(file, name)
    sha256, size = fingerprint(file)
    put(file, sha256, size)
    return StoredFile.objects.create(
        name=PurePath(name).name[-255:] or "file", sha256=sha256, size=size, media_type=media_type, uploaded_by=by
    )


def check_size(file: IO[bytes], name: str) -> None:
    """Raise MeetingError `empty` or `too_large` for a file that can't be kept."""
    size = file.seek(0, io.SEEK_END)
    size = file.tell() if size is None else size
    file.seek(0)
    bound = settings.CONFIG.max_document_mb * 2**20
    if size == 0:
        raise refusal("empty", name=name)
    if size > bound:
        raise refusal("too_large", name=name, size_mb=f"{size / 2**20:,.0f}", limit_mb=f"{bound / 2**20:,.0f}")


def open_file(document: Document | StoredFile) -> Any:
    """The file, opened for reading; FileNotFoundError when the storage has lost it."""
    return default_storage.open(path_of(document.sha256))


def read_bytes(document: Document | StoredFile) -> bytes:
    """All bytes of the file."""
    with open_file(document) as file:
        data: bytes = file.read()
        return data


def picture_path(sha256: str, page: int, width: int) -> str:
    return f"pages/{sha256[:2]}/{sha256}/{page}-{width}.webp"


def put_picture(path: str, data: bytes) -> None:
    """Keep the picture of a page beside the files."""
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(data))


def sweep(*, before: datetime) -> int:
    """Delete files older than `before` that no record names, left by uploads that were refused or broken off. Gives how many."""
    swept = 0
    for place in list(_files()):
        sha256 = place.rsplit("/", 1)[-1]
        known = any(named.objects.filter(sha256=sha256[:64]).exists() for named in (Document, StoredFile))
        if not known and default_storage.get_modified_time(place) < before:
            with contextlib.suppress(FileNotFoundError):
                default_storage.delete(place)
                swept += 1
    return swept


def _files() -> Iterator[str]:
    if not default_storage.exists(""):
        return
    folders, _ = default_storage.listdir("")
    for folder in folders:
        if len(folder) == 2:
            for name in default_storage.listdir(folder)[1]:
                yield f"{folder}/{name}"
