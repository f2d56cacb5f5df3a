"""Users, departments and roles as administrators, the directory and the API meet them."""

from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from zhike.org.models import Department, Role, User
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind, SearchKeys, Section, View

from . import actions

LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]

# Their pages are under "Settings" and ask for more than the right to see, so none of them is a kind
# with `pages`: the palette and links in lists lead nobody there.
user = Kind(
    name="user",
    model=User,
    label=_("user"),
    plural=_("Users"),
    slug="users",
    icon="user",
    count_text=_("%(n)s users"),
    attrs=[
        Attr("name", label=_("name")),
        Attr("username", type="code", sort=True, shown=lambda name: Markup("<code>{}</code>").format(name)),
        Attr("department", type="department"),
        Attr("manager", type="user"),
        Attr("role_names", label=_("roles"), path="role_names", readonly=True),
        Attr("is_active", readonly=True),
        Attr("is_admin"),
        Attr("language", choices=LANGUAGES),
        Attr("last_login", label=_("last sign-in"), readonly=True),
        Attr("password_asked_at", readonly=True, priority=3),
        Attr("created_at", readonly=True),
    ],
    columns=["name", "username", "department", "role_names", "is_active", "is_admin", "last_login", "password_asked_at"],
    filters=["department", "is_active", "is_admin", "manager"],
    order="id",
    views=[View("active", _("Enabled"), "is_active=1"), View("gone", _("Disabled"), "is_active=0"), View("all", _("All"), "")],
    search=SearchKeys(names=("name", "username"), codes=("employee_no",)),
    create=["name", "username", "department", "language"],
    more=["job_title", "employee_no", "manager", "email", "mobile"],
    sections=[
        Section(_("Person"), ["name", "username", "department", "manager", "job_title", "employee_no", "language"]),
        Section(_("Reach"), ["email", "mobile"]),
    ],
    api=["username", "name", "employee_no", "job_title", "department", "manager", "is_active"],
    import_keys=["username", "employee_no"],
    actions=("view", "add", "edit"),
    related=("department",),
    owned=False,
    pages=False,
    created_by_action=actions.create_users,
    changed_by_action=actions.change_user,
)

department = Kind(
    name="department",
    model=Department,
    label=_("department"),
    plural=_("Departments"),
    slug="departments",
    icon="sitemap",
    attrs=[Attr("name", label=_("name")), Attr("parent", type="department"), Attr("manager", type="user"), Attr("enabled", readonly=True)],
    columns=["name", "code", "parent"],
    filters=["enabled"],
    order="id",
    create=["name", "code", "parent", "manager"],
    sections=[Section(_("Department"), ["name", "code", "parent", "manager", "order"])],
    api=["code", "name", "parent", "manager", "enabled"],
    import_keys=["code"],
    actions=("view", "add", "edit"),
    related=("parent", "manager"),
    owned=False,
    pages=False,
    created_by_action=actions.create_departments,
    changed_by_action=actions.change_department,
)

role = Kind(
    name="role",
    model=Role,
    label=_("role"),
    plural=_("Roles"),
    slug="roles",
    icon="users-group",
    attrs=[Attr("name_zh"), Attr("name_en"), Attr("code", type="code"), Attr("second_factor")],
    columns=["name_zh", "code"],
    order="id",
    create=["name_zh", "name_en", "code", "second_factor"],
    sections=[Section(_("Role"), ["name_zh", "name_en", "code", "order", "second_factor"])],
    actions=("view", "add", "edit"),
    owned=False,
    pages=False,
    changed_by_action=actions.change_role,
)
