"""What granian serves."""

import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipmd.settings")
application = get_wsgi_application()


def _warm() -> None:
    # The first search of a process would pay for what all later ones use: the register's columns and the sentence encoder.
    from django.db import Error, connections

    from ipmd.apps.outcomes.queries.columns import columns
    from ipmd.core.similarity import encode

    try:
        columns()
        encode(["warm"])
    except Error:
        pass  # the first page will say what is wrong with the database
    finally:
        connections.close_all()


threading.Thread(target=_warm, daemon=True, name="warm").start()
