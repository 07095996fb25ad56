"""What the directory tells rooms further down, inside its own transaction."""

from django.dispatch import Signal

person_exported = Signal()
"""All that is kept about `person` is given out. A receiver answers with its part, ready for JSON: `{"mail": …}`."""

person_erased = Signal()
"""`person` is being erased; `email`: the address until now. A receiver empties what its room holds about them."""
