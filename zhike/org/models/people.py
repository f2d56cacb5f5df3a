"""Who works here: departments as a tree, users inside them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class DepartmentQuerySet(models.QuerySet["Department"]):
    def visible_to(self, user: Any, mode: str = "plain") -> DepartmentQuerySet:
        """The tree of departments is open to everybody who works here."""
        return self if user.is_authenticated else self.none()


class Department(models.Model):
    """A department of the company. `path` holds the ids from the root down, "/1/4/9/"."""

    name = models.CharField(_("name"), max_length=80)
    code = models.CharField(_("code"), max_length=40, unique=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent department")
    )
    path = models.CharField(max_length=400, default="", editable=False, db_index=True)
    manager = models.ForeignKey(
        "org.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("head of department")
    )
    order = models.IntegerField(_("order"), default=0)
    enabled = models.BooleanField(_("enabled"), default=True)
    version = models.PositiveIntegerField(default=1)

    KIND = "department"
    objects = DepartmentQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        verbose_name = _("department")
        verbose_name_plural = _("departments")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        path = f"{self.parent.path if self.parent_id and self.parent else '/'}{self.pk}/"
        if path != self.path:
            old, self.path = self.path, path
            Department.objects.filter(pk=self.pk).update(path=path)
            if old:
                below = Department.objects.filter(path__startswith=old).exclude(pk=self.pk)
                for department in below:
                    Department.objects.filter(pk=department.pk).update(path=path + department.path[len(old) :])

    def with_below(self) -> models.QuerySet[Department]:
        return Department.objects.filter(path__startswith=self.path)


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: Any, mode: str = "plain") -> UserQuerySet:
        """Colleagues are a directory: whoever works here sees names and departments."""
        return self if user.is_authenticated else self.none()


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: Any, mode: str = "plain") -> UserQuerySet:
        return self.get_queryset().visible_to(user, mode)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=username.strip(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in. What they may do comes from their roles, never from here."""

    username = models.CharField(_("user name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=50)
    employee_no = models.CharField(_("employee number"), max_length=40, blank=True, default="")
    email = models.EmailField(_("e-mail"), blank=True, default="")
    mobile = models.CharField(_("mobile"), max_length=20, blank=True, default="")
    job_title = models.CharField(_("position"), max_length=60, blank=True, default="")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="users", verbose_name=_("department")
    )
    manager = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="subordinates", verbose_name=_("manager")
    )
    roles = models.ManyToManyField("org.Role", blank=True, related_name="users", verbose_name=_("roles"))
    is_active = models.BooleanField(_("enabled"), default=True)
    is_admin = models.BooleanField(_("system administrator"), default=False)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    theme = models.CharField(max_length=10, default="auto")
    density = models.CharField(max_length=10, default="normal")
    preferences = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    # When they last asked for a new password at the sign-in page; administrators see it.
    password_asked_at = models.DateTimeField(_("asked for a new password"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    KIND = "user"

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def role_names(self) -> str:
        """The person's roles in one line; lists fetch the roles of all rows beforehand."""
        return ", ".join(str(role) for role in self.roles.all())

    @property
    def hint(self) -> str:
        """Where the person works, beside the name; look-ups fetch the department along."""
        return str(self.department or "")

    def get_full_name(self) -> str:
        return str(self)
