"""Numbers for codes that people can say: `AC-014`, `SC-2008-03`. A number, once given, is never given again."""

from __future__ import annotations

from django.db import connection, models


class Series(models.Model):
    """The last number given under a prefix."""

    prefix = models.CharField(max_length=60, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.prefix}-{self.last}"


def next_code(prefix: str, *, width: int = 3, count: int = 1) -> str:
    """The next code under `prefix`, such as `AC-014` for `AC`; with `count`, that many are taken and the first is given.

    Call it inside a transaction: who asks for the same prefix waits until that one ends, so that no number is lost or given twice.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO thread_series (prefix, last) VALUES (%s, %s)"
            " ON CONFLICT (prefix) DO UPDATE SET last = thread_series.last + excluded.last RETURNING last",
            [prefix, count],
        )
        (last,) = cursor.fetchone()
    return f"{prefix}-{last - count + 1:0{width}d}"
