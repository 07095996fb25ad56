"""What can happen to an action: each verb runs in one transaction, is kept in the history with who and why, and leaves what is computed
(progress, standing) as it now is. Verbs don't ask who may; pages do, by `rules`."""
