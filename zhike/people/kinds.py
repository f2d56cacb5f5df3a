"""Users and departments as the directory and the API show them."""

from django.utils.translation import gettext_lazy as _

from zhike.org.models import Department, User
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind, SearchKeys

user = Kind(
    name="user",
    model=User,
    label=_("user"),
    plural=_("Users"),
    slug="users",
    icon="user",
    attrs=[Attr("name", label=_("name")), Attr("department", type="department")],
    columns=["name", "job_title", "department"],
    filters=["department", "is_active"],
    order="id",
    search=SearchKeys(names=("name", "username"), codes=("employee_no",)),
    api=["username", "name", "employee_no", "job_title", "department", "manager", "is_active"],
    import_keys=["username", "employee_no"],
    actions=("view", "add", "edit"),
    related=("department",),
    owned=False,
    pages=False,
)

department = Kind(
    name="department",
    model=Department,
    label=_("department"),
    plural=_("Departments"),
    slug="departments",
    icon="sitemap",
    attrs=[Attr("name", label=_("name"))],
    columns=["name", "code", "parent"],
    filters=["enabled"],
    order="id",
    api=["code", "name", "parent", "manager", "enabled"],
    import_keys=["code"],
    actions=("view", "add", "edit"),
    owned=False,
    pages=False,
)
