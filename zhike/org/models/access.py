"""What roles may do, with which rows, and with which fields."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    """How far a scope reaches, from the person outwards."""

    SELF = "self", _("own")
    SUBORDINATES = "subordinates", _("own and subordinates")
    DEPARTMENT = "department", _("department")
    BELOW = "below", _("department and below")
    CHOSEN = "chosen", _("chosen departments")
    ALL = "all", _("all")


class RoleQuerySet(models.QuerySet["Role"]):
    def visible_to(self, user: Any, mode: str = "plain") -> RoleQuerySet:
        """The names of roles are open to whoever works here; their rights are shown to who keeps them."""
        return self if user.is_authenticated else self.none()


class Role(models.Model):
    """A named set of rights. A person may have several; rights add up."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=40)
    order = models.IntegerField(_("order"), default=0)
    second_factor = models.BooleanField(_("needs a second factor"), default=False)
    version = models.PositiveIntegerField(default=1)

    KIND = "role"
    objects = RoleQuerySet.as_manager()

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("role")
        verbose_name_plural = _("roles")

    def __str__(self) -> str:
        from django.utils.translation import get_language

        return self.name_en if (get_language() or "").startswith("en") else self.name_zh


class RolePermission(models.Model):
    """A function permission: this role may do `action` with records of `kind`."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="permissions")
    kind = models.CharField(max_length=40)
    action = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "kind", "action"], name="org_permission_once")]


class Scope(models.Model):
    """The rows of a kind that a role reaches: `level` to see, `edit_level` to change."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="scopes")
    kind = models.CharField(max_length=40)
    level = models.CharField(max_length=15, choices=Level)
    edit_level = models.CharField(max_length=15, choices=Level)
    departments = models.ManyToManyField("org.Department", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "kind"], name="org_scope_once")]


class FieldRule(models.Model):
    """How a role meets one field: hidden, masked, or read-only. Without a rule it is open."""

    HIDE, MASK, READ = "hide", "mask", "read"
    role = models.ForeignKey(Role, models.CASCADE, related_name="field_rules")
    kind = models.CharField(max_length=40)
    field = models.CharField(max_length=60)
    mode = models.CharField(
        max_length=5, choices=[(HIDE, _("hidden")), (MASK, _("masked")), (READ, _("read only"))]
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "kind", "field"], name="org_field_rule_once")]


class SetUpMark(models.Model):
    """One row whose value changes whenever roles, rights, departments or processes do; see `zhike.org.known`."""

    value = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("mark of the set-up")

    def __str__(self) -> str:
        return self.value
