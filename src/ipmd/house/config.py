"""Configuration from the environment, read once and checked with plain messages.

Every setting is listed in `docs/operations.md`; `ipmd check` prints what is wrong and what to do.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from environs import Env, EnvError

PROJECT = Path(__file__).resolve().parents[3]
"""The checkout, where the sample forum stands beside the package. Of an installed package it is a folder without samples."""


class ConfigError(Exception):
    """The environment does not describe a system that can start. `problems` are sentences for the operator."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Config:
    """Settings of one installation. Times in seconds, sizes in bytes unless the name says otherwise.

    What may hold a password is left out of `repr`, so that no log gets it.
    """

    data: Path
    database_url: str | None = field(repr=False)
    host: str
    port: int
    public_url: str
    production: bool
    allowed_hosts: list[str]
    smtp_url: str | None = field(repr=False)
    mail_from: str
    language: str
    time_zone: str
    sample: bool
    web_workers: int
    max_document_mb: int
    max_document_pages: int
    language_model_url: str | None
    language_model_name: str
    language_model_key: str = field(repr=False)
    language_model_seconds: float
    given_secret_key: str | None = field(repr=False)

    @cached_property
    def secret_key(self) -> str:
        """The signing key: given by the environment, or made once and kept readable by the owner only in the data folder."""
        if self.given_secret_key:
            return self.given_secret_key
        path = self.data / "secret_key"
        if not path.exists():
            self.data.mkdir(parents=True, exist_ok=True)
            # Written whole before it gets its name, and never over another's: programs that start together end up with one key.
            with tempfile.NamedTemporaryFile("w", dir=self.data, prefix="secret_key.", encoding="ascii") as made:
                made.write(secrets.token_urlsafe(50))
                made.flush()
                with suppress(FileExistsError):
                    os.link(made.name, path)
        return path.read_text("ascii").strip()

    def problems(self) -> list[str]:
        """What an operator has to put right before this configuration can serve; empty when all is well."""
        found = []
        for name, value, schemes in (
            ("DATABASE_URL", self.database_url, {"postgresql", "postgres"}),
            ("IPMD_SMTP_URL", self.smtp_url, {"smtp", "smtps", "smtp+starttls"}),
            ("IPMD_URL", self.public_url, {"http", "https"}),
            ("IPMD_LANGUAGE_MODEL_URL", self.language_model_url, {"http", "https"}),
        ):
            if value and urlparse(value).scheme not in schemes:
                found.append(f"{name} should begin with one of {', '.join(sorted(s + '://' for s in schemes))}.")
        try:
            self.data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            found.append(f"IPMD_DATA: the data folder {self.data} can't be made ({error.strerror}); name another one.")
        if not 1 <= self.port <= 65535:
            found.append(f"IPMD_PORT is {self.port}; it should be a number from 1 to 65535.")
        if not 0 < self.language_model_seconds <= 3600:
            found.append("IPMD_LANGUAGE_MODEL_SECONDS should be a number of seconds up to 3600.")
        if self.production:
            if not self.given_secret_key or len(self.given_secret_key) < 50:
                found.append("IPMD_SECRET_KEY should be set to at least 50 random characters in production.")
            if not self.allowed_hosts or "*" in self.allowed_hosts:
                found.append("IPMD_ALLOWED_HOSTS should name the hosts this site answers to, separated by commas.")
            if not self.public_url.startswith("https://"):
                found.append("IPMD_URL should be the site's public address and begin with https:// in production.")
            if not self.smtp_url:
                found.append(
                    "IPMD_SMTP_URL should name a mail server in production, such as smtp+starttls://user:password@mail.example.org:587."
                )
            if self.sample:
                found.append("IPMD_SAMPLE is on; the sample forum and its sample users are refused in production.")
        return found


def load() -> Config:
    """Read the environment. Raises ConfigError with one sentence for each value that can't be understood."""
    env = Env(eager=False)
    production = env.bool("IPMD_PRODUCTION", False)
    host = env.str("IPMD_HOST", "127.0.0.1")
    port = env.int("IPMD_PORT", 8000)
    data = Path(env.str("IPMD_DATA", "var")).expanduser()
    values: dict[str, Any] = {
        "data": data if data.is_absolute() else Path.cwd() / data,
        "database_url": env.str("DATABASE_URL", "") or None,
        "host": host,
        "port": port,
        "public_url": env.str("IPMD_URL", f"http://{'localhost' if host in {'127.0.0.1', '0.0.0.0'} else host}:{port}"),  # noqa: S104
        "production": production,
        "allowed_hosts": env.list("IPMD_ALLOWED_HOSTS", []),
        "smtp_url": env.str("IPMD_SMTP_URL", "") or None,
        "mail_from": env.str("IPMD_MAIL_FROM", "ipmd <ipmd@localhost>"),
        "language": env.str("IPMD_LANGUAGE", "en"),
        "time_zone": env.str("IPMD_TIME_ZONE", "UTC"),
        "sample": env.bool("IPMD_SAMPLE", not production),
        "web_workers": env.int("IPMD_WEB_WORKERS", 1),
        "max_document_mb": env.int("IPMD_MAX_DOCUMENT_MB", 100),
        "max_document_pages": env.int("IPMD_MAX_DOCUMENT_PAGES", 3000),
        "language_model_url": env.str("IPMD_LANGUAGE_MODEL_URL", "") or None,
        "language_model_name": env.str("IPMD_LANGUAGE_MODEL_NAME", ""),
        "language_model_key": env.str("IPMD_LANGUAGE_MODEL_KEY", ""),
        "language_model_seconds": env.float("IPMD_LANGUAGE_MODEL_SECONDS", 60),
        "given_secret_key": env.str("IPMD_SECRET_KEY", "") or None,
    }
    try:
        env.seal()
    except EnvError as error:
        messages = getattr(error, "error_messages", None) or {}
        raise ConfigError([f"{name}: {' '.join(map(str, said))}" for name, said in messages.items()] or [str(error)]) from None
    return Config(**values)
