"""Files of documents, kept under the fingerprint of their bytes: the same bytes are one file, whatever they are called.

A file is written before the row that names it, so that a row never points at nothing; a file no row names is swept away later
(`sweep`). Page pictures are made from the files and can be made again.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from .models import Document

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


def open_file(document: Document) -> Any:
    """The document's file, opened for reading; FileNotFoundError when the storage has lost it."""
    return default_storage.open(path_of(document.sha256))


def read_bytes(document: Document) -> bytes:
    """All bytes of the document's file."""
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
    """Delete files older than `before` that no document names, left by uploads that were refused or broken off. Gives how many."""
    swept = 0
    for place in list(_files()):
        sha256 = place.rsplit("/", 1)[-1]
        known = Document.objects.filter(sha256=sha256[:64]).exists()
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
