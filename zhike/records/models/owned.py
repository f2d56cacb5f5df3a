"""The two bases of every record: versioned rows, and rows that somebody owns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base import clock

from .. import customs, visibility


class VersionedModel(models.Model):
    """A row people edit: who made it, who changed it, and its version for the optimistic lock."""

    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("creator")
    )
    updated_at = models.DateTimeField(_("changed"), default=clock.now, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("changed by")
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    custom = models.JSONField(default=dict, blank=True, editable=False)

    KIND: ClassVar[str]
    changing: frozenset[str] | None = None  # the fields that are about to change, while `clean` asks; None: any

    def affects(self, *names: str) -> bool:
        """For `clean`: whether one of these fields may have changed, so that a rule over them is worth asking."""
        return self.changing is None or not self.changing.isdisjoint(names)

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Rows read from the table come by place; only made ones have names.
        given = {name: kwargs.pop(name) for name in list(kwargs) if customs.is_custom(name)} if kwargs else {}
        super().__init__(*args, **kwargs)
        for name, value in given.items():
            customs.put(self, name, value)

    def __getattr__(self, name: str) -> Any:
        """Custom fields read like the others; a missing name is missing."""
        if customs.is_custom(name):
            return customs.read(self, name)
        raise AttributeError(f"{type(self).__name__} has no {name}")


class OwnedQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, mode: str = "plain") -> Self:
        """The rows `user` may see. `mode` is plain, few or walk and changes only the speed."""
        return visibility.visible(self, user, mode=mode)

    def editable_by(self, user: Any) -> Self:
        """The rows `user` may change: by edit scope or by a read-write place in the team."""
        return visibility.visible(self, user, edit=True)


class OwnedModel(VersionedModel):
    """A row with one accountable owner. The owner's department is copied at assignment, so that
    figures of the past survive a move between departments."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("owner"), db_index=True
    )
    owner_dept = models.ForeignKey(
        "org.Department", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("department")
    )

    # What somebody wrote about himself stays his; it is nobody else's work when he leaves.
    STAYS_WITH_OWNER: ClassVar[bool] = False
    # Talk among colleagues: not a part of what a role opens, so nobody needs to reach it to give the role.
    AMONG_MEMBERS: ClassVar[bool] = False

    # Foreign keys whose owner and team also see this row, from the top down, e.g. ("customer", "opportunity").
    PARENTS: ClassVar[tuple[str, ...]] = ()
    # How far a place in such a parent's team reaches here: "write" as the place says (where nothing is
    # declared), "read" to reading only, "" not at all. A parent's owner reads in any case.
    TEAM_REACH: ClassVar[Mapping[str, str]] = {}

    objects = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True
