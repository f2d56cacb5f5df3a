"""Regions and option lists."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zhike.records.models import VersionedModel

from .words import LISTS


class RegionQuerySet(models.QuerySet["Region"]):
    def visible_to(self, user: Any, mode: str = "plain") -> RegionQuerySet:
        """The map is open to everybody who works here."""
        return self if user.is_authenticated else self.none()


class Region(models.Model):
    """A province, city or district with its GB/T 2260 code; the id is the code as a number."""

    id = models.PositiveIntegerField(primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    full_name = models.CharField(_("full name"), max_length=120)
    level = models.PositiveSmallIntegerField(_("level"))  # 1 province, 2 city, 3 district
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")

    KIND = "region"
    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")

    def __str__(self) -> str:
        return self.full_name

    @property
    def code(self) -> str:
        return f"{self.pk:06d}"


class DictionaryQuerySet(models.QuerySet["Dictionary"]):
    def visible_to(self, user: Any, mode: str = "plain") -> DictionaryQuerySet:
        """The lists are met on every form; the pages that keep them ask for the right."""
        return self if user.is_authenticated else self.none()


class Dictionary(VersionedModel):
    """An option list of the program: what is held while its choices change, and what has their history."""

    code = models.CharField(_("code"), max_length=40, unique=True)

    KIND = "dictionary"
    objects = DictionaryQuerySet.as_manager()

    class Meta:
        verbose_name = _("option list")
        verbose_name_plural = _("option lists")

    def __str__(self) -> str:
        return str(LISTS.get(self.code, self.code))


class DictionaryOption(models.Model):
    """One choice of an option list an administrator keeps; retired ones stay on old records."""

    dictionary = models.CharField(max_length=40)
    code = models.CharField(max_length=20)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60, blank=True, default="")
    order = models.IntegerField(default=0)
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["dictionary", "order", "code"]
        constraints = [models.UniqueConstraint(fields=["dictionary", "code"], name="masterdata_option_once")]

    def __str__(self) -> str:
        return (self.name_en or self.name_zh) if (get_language() or "").startswith("en") else self.name_zh
