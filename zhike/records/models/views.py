from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.org.models import Role


class SavedView(models.Model):
    """A list as somebody likes it: conditions, order and columns under a name.

    It holds no rows and gives no rights: whoever opens it sees their own rows through it.
    """

    kind = models.CharField(max_length=40)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("owner"))
    name = models.CharField(_("view name"), max_length=40)
    query = models.CharField(max_length=2000, blank=True, default="")
    pinned = models.BooleanField(_("show as a tab"), default=True)
    default = models.BooleanField(_("open the list with this view"), default=False)
    roles = models.ManyToManyField(Role, blank=True, related_name="+", verbose_name=_("shared with roles"))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "kind", "name"], name="records_view_once",
                violation_error_message=_("You already have a view of this name. Choose another one."),
            ),
            models.UniqueConstraint(
                fields=["owner", "kind"], condition=models.Q(default=True), name="records_view_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name
