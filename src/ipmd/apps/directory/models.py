"""Organisations, countries, people, the forums they meet in, and what each person may do there.

A name in another language is an entry in `names`, keyed by language code; `name` gives the reader's. Offices outlive the people in
them: what a person does is done in an office (`Grant.office`), and stays with it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from .base import Record, kept


def in_language(names: dict[str, str], language: str | None = None) -> str:
    """The entry for `language` (default: the reader's), else English, else any; empty for no names."""
    code = (language or get_language() or "en").split("-")[0]
    return names.get(code) or names.get("en") or next(iter(names.values()), "")


ERASED = "erased.invalid"
"""Where the addresses of erased people are: `.invalid` is reserved (RFC 2606), so that no mail ever goes there."""


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a person's account; without a password it can be entered by mail link or passkey only."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """An account with every right of the platform; roles in forums are still granted one by one."""
        return self.create_user(email, password, is_superuser=True, **fields)


@kept(exclude=["password", "last_login"])
class User(Record, AbstractBaseUser, PermissionsMixin):
    """A person who can sign in."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    is_active = models.BooleanField(_("can sign in"), default=True)
    is_sample = models.BooleanField(default=False, editable=False)
    date_joined = models.DateTimeField(_("account made on"), default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.CheckConstraint(condition=Q(email=models.functions.Lower("email")), name="user_email_lower")]

    def __str__(self) -> str:
        return gettext("a former member") if self.is_erased else self.name or self.email

    @property
    def is_erased(self) -> bool:
        """Whether name and address were emptied at the person's wish; what they did stays, under their office."""
        return self.email.endswith(f"@{ERASED}")


class Country(models.Model):
    """ISO 3166-1 country or area; names as in CLDR."""

    alpha2 = models.CharField(primary_key=True, max_length=2)
    alpha3 = models.CharField(max_length=3, unique=True)
    numeric = models.CharField(max_length=3, blank=True)
    names = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self.names)


class OrganisationKind(models.TextChoices):
    GOVERNMENT = "government", _("government or ministry")
    INTERGOVERNMENTAL = "intergovernmental", _("intergovernmental organisation")
    REGIONAL_PROCESS = "regional_process", _("regional consultative process")
    REGIONAL_BODY = "regional_body", _("regional organisation")
    FORUM = "forum", _("global forum or inter-agency group")
    CIVIL_SOCIETY = "civil_society", _("civil society organisation")
    ACADEMIC = "academic", _("academic institution")
    PRIVATE = "private", _("private sector")


@kept
class Organisation(Record):
    """A body that can be asked to act, act, give or receive."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind)
    names = models.JSONField(_("names"), default=dict)
    acronym = models.CharField(_("acronym"), max_length=40, blank=True)
    country = models.ForeignKey(Country, models.PROTECT, null=True, blank=True, related_name="organisations", verbose_name=_("country"))
    is_sample = models.BooleanField(default=False, editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", editable=False, verbose_name=_("merged into")
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=OrganisationKind.values), name="organisation_kind_known"),
            models.CheckConstraint(condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="organisation_not_merged_into_itself"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self.names)

    @property
    def short_name(self) -> str:
        return self.acronym or self.name


class OrganisationAlias(models.Model):
    """Another way an organisation is written in documents; what the actors of outcomes are resolved against, with names and acronym."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="aliases", verbose_name=_("organisation"))
    text = models.CharField(max_length=200)
    language = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(models.functions.Lower("text"), "organisation", name="organisation_alias_once")]

    def __str__(self) -> str:
        return self.text


@kept
class Forum(Record):
    """A series of meetings with members, such as the Global Forum on Migration and Development."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    names = models.JSONField(_("names"), default=dict)
    about = models.TextField(_("about"), blank=True)
    is_public = models.BooleanField(_("open to the public"), default=True)
    is_sample = models.BooleanField(default=False, editable=False)
    members = models.ManyToManyField(Organisation, through="ForumMembership", related_name="forums")

    class Meta:
        verbose_name = _("forum")
        verbose_name_plural = _("forums")
        constraints = [models.CheckConstraint(condition=Q(code__regex=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$"), name="forum_code_form")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self.names)


class ForumMembership(models.Model):
    """Membership of an organisation in a forum."""

    forum = models.ForeignKey(Forum, models.CASCADE, related_name="memberships", verbose_name=_("forum"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships", verbose_name=_("organisation"))
    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["forum", "organisation"], name="forum_membership_once")]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.forum})"


class Role(models.TextChoices):
    """Roles of DESIGN; "public" is everybody and is never granted. What each may do is in `rules.py`, printed in docs/rights.md."""

    FOCAL_POINT = "focal_point", _("focal point")
    RAPPORTEUR = "rapporteur", _("rapporteur")
    SUPPORT_UNIT = "support_unit", _("support unit")
    STEERING_MEMBER = "steering_member", _("steering member")
    FUND_ADMINISTRATOR = "fund_administrator", _("fund administrator")
    DONOR = "donor", _("donor")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")


@kept
class Grant(Record):
    """A role given to a person, in a forum or for an organisation. Withdrawn by an end date, never deleted.

    An administrator's role without forum and organisation holds everywhere; every other role names where it holds.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="grants", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    forum = models.ForeignKey(Forum, models.PROTECT, null=True, blank=True, related_name="grants", verbose_name=_("forum"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="grants", verbose_name=_("organisation")
    )
    office = models.CharField(_("office"), max_length=200, blank=True)
    granted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="grants_given", editable=False, verbose_name=_("given by")
    )
    since = models.DateTimeField(_("since"), default=timezone.now)
    until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("role granted")
        verbose_name_plural = _("roles granted")
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="grant_role_known"),
            models.CheckConstraint(
                condition=Q(role=Role.ADMINISTRATOR) | Q(forum__isnull=False) | Q(organisation__isnull=False),
                name="grant_says_where",
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="grant_ends_after_start"),
            models.UniqueConstraint(
                fields=["user", "role", "forum", "organisation"],
                condition=Q(until=None),
                nulls_distinct=False,
                name="grant_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"
