"""How a person gets in: links for a new password, the second factor, passkeys, and where they are signed in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class PasswordLink(models.Model):
    """A link an administrator hands over, good for one new password. Only its digest is stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="password_links")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("created"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("password link")

    def __str__(self) -> str:
        return f"{self.user} ({self.expires_at:%Y-%m-%d %H:%M})"


class SecondFactor(models.Model):
    """A person's authenticator app. The secret is stored sealed with the house's key.

    `last_step` is the newest half-minute a code was taken from, so that none counts twice;
    `recovery` holds digests of the codes for the day the phone is lost.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="second_factor")
    secret = models.CharField(max_length=200)
    made_at = models.DateTimeField(_("created"))
    last_step = models.BigIntegerField(default=0)
    recovery = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("second factor")

    def __str__(self) -> str:
        return str(self.user)


class Passkey(models.Model):
    """A key that a device of the person holds. The house keeps its public half, which opens nothing.

    `place` is the name of the house it was made under, without which it does not answer; `handle` is what
    the person's devices call them; `sign_count` never goes back, and stays nought with keys that travel.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="passkeys")
    credential = models.CharField(max_length=1400, unique=True)
    public_key = models.CharField(max_length=4000)
    handle = models.CharField(max_length=64)
    place = models.CharField(max_length=255)
    sign_count = models.BigIntegerField(default=0)
    transports = models.JSONField(default=list, blank=True)
    name = models.CharField(_("name"), max_length=60)
    made_at = models.DateTimeField(_("created"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        verbose_name = _("passkey")

    def __str__(self) -> str:
        return self.name


class SignedIn(models.Model):
    """One browser somebody is signed in at."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40, unique=True)
    since = models.DateTimeField()
    last_used_at = models.DateTimeField()
    device = models.CharField(_("device"), max_length=120, blank=True, default="")
    address = models.CharField(_("network address"), max_length=45, blank=True, default="")

    class Meta:
        verbose_name = _("session")

    def __str__(self) -> str:
        return f"{self.user}: {self.device}"


class HourlyCount(models.Model):
    """How often a person did something within one hour, for what is limited by the hour."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    what = models.CharField(max_length=40)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "what", "hour"], name="org_hourly_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.what} {self.count}"
