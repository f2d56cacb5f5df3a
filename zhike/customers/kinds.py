"""Customers and contacts as people meet them."""

from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.base.chinese import phones
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind, SearchKeys, Section, View

from . import actions
from .lifecycle import LIFECYCLE
from .models import Contact, Customer, Pool

LEVEL_TONES = {"A": "good", "B": "info", "C": "neutral"}

customer = Kind(
    name="customer",
    model=Customer,
    label=_("customer"),
    plural=_("Customers"),
    slug="customers",
    icon="building",
    count_text=_("%(n)s customers"),
    attrs=[
        Attr("name", label=_("customer name"), path="name"),
        Attr("sort_name", label=_("name"), sort=True),
        Attr("created_at", label=_("created"), sort=True),
        Attr("code", type="code"),
        Attr("lifecycle", tones={code: state.tone for code, state in LIFECYCLE.states.items()}, readonly=True),
        Attr("level", dictionary="customer_level"),
        Attr("category", dictionary="customer_category", priority=3),
        Attr("industry", dictionary="industry", priority=2),
        Attr("source", dictionary="customer_source", priority=3),
        Attr("scale", dictionary="scale"),
        Attr("territory", dictionary="territory"),
        Attr("region", priority=2),
        Attr("phone", mask=phones.mask),
        Attr("owner", readonly=True),
        Attr("owner_dept", label=_("department"), readonly=True, priority=3),
        Attr("pool", readonly=True, priority=3),
        Attr("previous_owner", readonly=True),
        Attr("locked", readonly=True, priority=3),
        Attr("last_contact", label=_("last contact"), path="facts__last_contact_at", sort=True, never=clock.NEVER,
             readonly=True),
        Attr("next_contact", label=_("next step"), path="facts__next_contact_at", readonly=True, priority=2),
        Attr("next_text", label=_("planned next"), path="facts__next_contact_text", readonly=True),
    ],
    columns=["name", "level", "lifecycle", "industry", "region", "owner", "last_contact", "next_contact"],
    filters=["lifecycle", "level", "industry", "region", "owner", "owner_dept", "category", "source", "territory",
             "created_at", "last_contact", "enabled", "parent", "pool", "locked"],
    order="-created_at",
    views=[
        View("mine", _("Mine"), "owner=me&enabled=1"),
        View("department", _("My department"), "owner_dept=mine&enabled=1"),
        View("new", _("New this month"), "created_at__from=month&enabled=1"),
        View("quiet", _("Not contacted for 60 days"), "last_contact__to=-60d&enabled=1&order=last_contact"),
        View("all", _("All"), ""),
    ],
    search=SearchKeys(names=("name", "short_name", "name_en", "former_names"), codes=("code", "uscc", "erp_code"),
                      phones=("phone",)),
    create=["name", "level", "category", "industry", "region", "phone", "source"],
    more=["short_name", "kind", "uscc", "parent", "address", "email", "website", "territory", "scale", "remark"],
    sections=[
        Section(_("Basic data"), ["name", "short_name", "name_en", "kind", "level", "category", "industry", "scale",
                                  "source", "territory", "parent"]),
        Section(_("Place and reach"), ["region", "address", "postcode", "phone", "email", "website"]),
        Section(_("Codes and remarks"), ["code", "uscc", "erp_code", "former_names", "enabled", "remark"]),
    ],
    api=["code", "name", "short_name", "name_en", "kind", "lifecycle", "level", "category", "industry", "source",
         "scale", "territory", "region", "address", "postcode", "phone", "email", "website", "uscc", "erp_code",
         "parent", "owner", "owner_dept", "pool", "locked", "last_contact", "next_contact", "enabled", "remark", "created_at"],
    import_keys=["code", "name", "uscc", "erp_code"],
    number_field="code",
    number_prefix="KH",
    actions=("view", "add", "edit", "delete", "import", "export", "transfer", "lose", "disable", "merge"),
    related=("owner", "owner_dept", "region", "facts", "pool"),
    created_by_action=actions.create_customers,
    one_created_by_action=actions.create_customer,
    changed_by_action=actions.change_customer,
    changed_together=actions.change_customers,
)
customer.attr("code").readonly = True
customer.attr("enabled").readonly = True

pool = Kind(
    name="pool",
    model=Pool,
    label=_("customer pool"),
    plural=_("Customer pools"),
    slug="pools",
    icon="users-group",
    count_text=_("%(n)s pools"),
    attrs=[Attr("name", label=_("pool name")), Attr("pick_mode"), Attr("open_detail"), Attr("keep_deals"), Attr("keep_busy"),
           Attr("enabled", readonly=True, label=_("in use")), Attr("warn_days"), Attr("blocked_days"), Attr("pick_limit"),
           Attr("pick_period")],
    columns=["name", "pick_mode", "enabled"],
    filters=["pick_mode", "enabled"],
    order="id",
    create=["name", "pick_mode", "pick_limit", "pick_period", "blocked_days", "warn_days", "open_detail", "keep_deals", "keep_busy"],
    sections=[Section(_("Pool"), ["name", "pick_mode", "pick_limit", "pick_period", "blocked_days", "warn_days", "open_detail",
                                  "keep_deals", "keep_busy"])],
    api=["name", "pick_mode", "pick_limit", "pick_period", "blocked_days", "enabled"],
    import_keys=["name"],
    actions=("view", "add", "edit"),
    owned=False,
    pages=False,
    words=False,
    created_by_action=actions.create_pools,
    changed_by_action=actions.change_pool,
)

contact = Kind(
    name="contact",
    model=Contact,
    label=_("contact"),
    plural=_("Contacts"),
    slug="contacts",
    icon="address-book",
    count_text=_("%(n)s contacts"),
    attrs=[
        Attr("name", label=_("name")),
        Attr("sort_name", label=_("name"), sort=True),
        Attr("created_at", label=_("created"), sort=True, priority=3),
        Attr("decision_role", dictionary="decision_role"),
        Attr("attitude", tones={"support": "good", "neutral": "neutral", "oppose": "bad", "unknown": "neutral"}),
        Attr("mobile", mask=phones.mask),
        Attr("phone", mask=phones.mask, priority=2),
        Attr("owner", readonly=True, priority=3),
        Attr("primary", readonly=True),
    ],
    columns=["name", "customer", "job_title", "decision_role", "attitude", "mobile", "email", "owner"],
    filters=["customer", "decision_role", "attitude", "owner", "owner_dept", "primary", "left", "created_at"],
    order="-created_at",
    views=[
        View("mine", _("Mine"), "owner=me&left=0"),
        View("department", _("My department"), "owner_dept=mine&left=0"),
        View("all", _("All"), ""),
    ],
    search=SearchKeys(names=("name", "wechat"), codes=(), phones=("mobile", "phone")),
    create=["name", "customer", "job_title", "mobile", "decision_role"],
    more=["gender", "department", "phone", "email", "wechat", "attitude", "influence", "reports_to", "birthday",
          "hobby", "remark"],
    sections=[
        Section(_("Contact"), ["name", "customer", "gender", "job_title", "department", "mobile", "phone", "email",
                               "wechat"]),
        Section(_("Part in buying"), ["decision_role", "attitude", "influence", "reports_to", "primary", "left"]),
        Section(_("Personal"), ["birthday", "hobby", "remark"]),
    ],
    api=["name", "customer", "gender", "job_title", "department", "decision_role", "attitude", "influence",
         "reports_to", "mobile", "phone", "email", "wechat", "birthday", "primary", "left", "owner", "owner_dept",
         "remark", "created_at"],
    import_keys=["mobile", "email"],
    deletable=True,
    related=("owner", "owner_dept", "customer"),
    created_by_action=actions.create_contacts,
    changed_by_action=actions.change_contact,
    changed_together=actions.change_contacts,
)
