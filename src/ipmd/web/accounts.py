"""How django-allauth is set up for this house."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by people with the right to; sample people can't sign in where production settings hold."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        super().pre_authenticate(request, **credentials)

    def is_sample_refused(self, user: object) -> bool:
        """Whether this person exists only in the sample forum and the house is in production."""
        return settings.PRODUCTION and getattr(user, "is_sample", False)
