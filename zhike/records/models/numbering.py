from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .owned import VersionedModel


class NumberRuleQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, mode: str = "plain") -> NumberRuleQuerySet:
        """Everybody meets the numbers; the pages that keep the rules ask for the right."""
        return self if user.is_authenticated else self.none()


class NumberRule(VersionedModel):
    """How the numbers of a kind look: their parts in order, the width of the count, and when it restarts."""

    kind = models.CharField(max_length=40, unique=True, editable=False)
    pattern = models.CharField(_("parts"), max_length=60)
    width = models.PositiveSmallIntegerField(_("digits of the count"), default=4, validators=[MinValueValidator(1), MaxValueValidator(10)])
    start = models.PositiveIntegerField(_("first number"), default=1, validators=[MaxValueValidator(99_999_999)])
    step = models.PositiveSmallIntegerField(_("step"), default=1, validators=[MinValueValidator(1), MaxValueValidator(1_000)])
    reset = models.CharField(
        _("restart"),
        max_length=5,
        default="month",
        choices=[("never", _("never")), ("year", _("yearly")), ("month", _("monthly")), ("day", _("daily"))],
    )

    KIND = "number_rule"
    objects = NumberRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("numbering rule")
        verbose_name_plural = _("numbering rules")

    def __str__(self) -> str:
        return self.pattern


class NumberCounter(models.Model):
    """The last number issued in one series; the row is locked while a number is taken."""

    series = models.CharField(max_length=60, unique=True)
    last = models.IntegerField(default=0)
