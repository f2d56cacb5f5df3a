"""Fields an administrator adds to a kind, and their filterable values."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .owned import VersionedModel


class CustomFieldQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, mode: str = "plain") -> CustomFieldQuerySet:
        """Everybody meets the fields; what they hold follows the records and the field rights."""
        return self if user.is_authenticated else self.none()


class CustomField(VersionedModel):
    """A field of a house's own on one kind of record. Values live in the row, under `name`."""

    TYPES = [
        ("text", _("short text")), ("long", _("long text")), ("int", _("whole number")), ("quantity", _("number")),
        ("money", _("amount of money")), ("percent", _("percent")), ("date", _("date")), ("datetime", _("date and time")),
        ("bool", _("yes or no")), ("choice", _("choice")), ("multi", _("several choices")), ("user", _("colleague")),
        ("ref", _("record")), ("url", _("web address")), ("email", _("e-mail address")), ("phone", _("phone number")),
        ("formula", _("formula")), ("file", _("file or picture")),
    ]
    on = models.CharField(_("records"), max_length=40)
    name = models.CharField(_("field code"), max_length=40, blank=True)
    label_zh = models.CharField(_("Chinese name"), max_length=60)
    label_en = models.CharField(_("English name"), max_length=60, blank=True, default="")
    type = models.CharField(_("type"), max_length=10, choices=TYPES)
    choices_text = models.TextField(_("choices"), blank=True, default="")
    retired = models.JSONField(default=list, blank=True, editable=False)
    to = models.CharField(_("points to"), max_length=40, blank=True, default="")
    formula = models.CharField(_("formula"), max_length=300, blank=True, default="")
    unit = models.CharField(_("unit"), max_length=20, blank=True, default="")
    help_text = models.CharField(_("hint"), max_length=200, blank=True, default="")
    required = models.BooleanField(_("required"), default=False)
    required_roles = models.JSONField(_("required of these roles"), default=list, blank=True)
    on_create = models.BooleanField(_("on the form for new records"), default=False)
    on_list = models.BooleanField(_("in the list"), default=False)
    filterable = models.BooleanField(_("filter by it"), default=False)
    searchable = models.BooleanField(_("searchable"), default=False)
    order = models.PositiveIntegerField(_("sequence"), default=100)
    enabled = models.BooleanField(_("in use"), default=True)

    KIND = "custom_field"
    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        constraints = [models.UniqueConstraint(fields=["on", "name"], name="records_custom_field")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return (self.label_en or self.label_zh) if (get_language() or "").startswith("en") else self.label_zh

    def choices(self) -> list[tuple[str, str, str, bool]]:
        """(code, Chinese, English, offered) in their order, those retired last."""
        found = [(*parsed, True) for line in self.choices_text.splitlines() if (parsed := read_choice(line)) is not None]
        return [*found, *((code, zh, en, False) for code, zh, en in self.retired)]


def read_choice(line: str) -> tuple[str, str, str] | None:
    """One line "code = 中文 | English"; code and English may be left out. None for an empty line."""
    text = line.strip()
    if not text:
        return None
    code, sep, names = text.partition("=")
    zh, _sep, en = (names if sep else text).partition("|")
    zh, en = zh.strip(), en.strip()
    return (code.strip() if sep else zh)[:40], zh, en or zh


class CustomValue(models.Model):
    """The filterable side of one custom value: texts and codes as text, everything else as a number."""

    field = models.ForeignKey(CustomField, models.CASCADE, related_name="+")
    row_id = models.BigIntegerField()
    text = models.CharField(max_length=200, null=True)
    number = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("custom value")
        indexes = [
            models.Index(fields=["field", "text", "row_id"], name="records_custom_text_ix"),
            models.Index(fields=["field", "number", "row_id"], name="records_custom_number_ix"),
            models.Index(fields=["field", "row_id", "number", "text"], name="records_custom_ask_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.field_id}/{self.row_id}: {self.text if self.number is None else self.number}"
