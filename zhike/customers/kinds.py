"""Customers and contacts as people meet them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.base.chinese import phones
from zhike.masterdata.regions import Provinces
from zhike.records.attrs import Attr
from zhike.records.kinds import ExtraFilter, Kind, SearchKeys, Section, View

from . import actions, quality
from .lifecycle import LIFECYCLE
from .models import Contact, Customer, LineOwner, Opening, Pool
from .status import OPENING

PROVINCE = 10_000  # a region's number without city and district
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
        Attr("nature", dictionary="nature"),
        Attr("payment_term", dictionary="payment_term"),
        Attr("currency", dictionary="currency"),
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
        Attr("lat", readonly=True),
        Attr("lng", readonly=True),
        Attr("formal_code", type="code", readonly=True),
        Attr("completeness", path="facts__completeness", sort=True, readonly=True, unit="%", priority=3),
    ],
    columns=["name", "level", "lifecycle", "industry", "region", "owner", "last_contact", "next_contact"],
    filters=["lifecycle", "level", "industry", "region", "owner", "owner_dept", "category", "source", "territory",
             "relation", "nature", "payment_term", "created_at", "last_contact", "completeness", "enabled", "parent", "pool", "locked"],
    order="-created_at",
    views=[
        View("mine", _("Mine"), "owner=me&enabled=1"),
        View("department", _("My department"), "owner_dept=mine&enabled=1"),
        View("new", _("New this month"), "created_at__within=month&enabled=1"),
        View("quiet", _("Not contacted for 60 days"), "last_contact__to=-60d&enabled=1&order=last_contact"),
        View("incomplete", _("Data incomplete"), "completeness__to=59&enabled=1&order=completeness"),
        View("all", _("All"), ""),
    ],
    search=SearchKeys(names=("name", "short_name", "name_en", "former_names", "pinyin_abbr"), codes=("code", "formal_code", "uscc", "erp_code"),
                      phones=("phone",)),
    create=["name", "level", "category", "industry", "region", "phone", "source"],
    more=["short_name", "kind", "uscc", "parent", "relation", "address", "email", "website", "territory", "scale", "nature",
          "remark"],
    sections=[
        Section(_("Basic data"), ["name", "short_name", "name_en", "pinyin_abbr", "kind", "level", "category", "industry", "scale",
                                  "nature", "source", "territory", "parent", "relation"]),
        Section(_("Place and reach"), ["region", "address", "postcode", "phone", "fax", "email", "website"]),
        Section(_("Trade"), ["payment_term", "currency", "price_list", "settle_customer"]),
        Section(_("Codes and remarks"), ["code", "formal_code", "uscc", "erp_code", "former_names", "enabled", "remark"]),
    ],
    api=["code", "formal_code", "name", "short_name", "name_en", "pinyin_abbr", "kind", "lifecycle", "level", "category", "industry", "source",
         "scale", "nature", "territory", "region", "address", "postcode", "phone", "fax", "email", "website", "uscc", "erp_code",
         "parent", "relation", "former_names", "payment_term", "currency", "price_list", "settle_customer", "lat", "lng", "owner", "owner_dept", "pool", "locked",
         "last_contact", "next_contact", "completeness", "enabled", "remark", "created_at"],
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


def _in_provinces(queryset: Any, values: Sequence[str], user: Any) -> Any:
    asked = Q(pk__in=[])
    for value in values:
        asked |= Q(region__isnull=True) if value == "none" else Q(region_id__gte=int(value), region_id__lt=int(value) + PROVINCE)
    return queryset.filter(asked)


customer.extra_filters.add("province", ExtraFilter("province", _("province"), Provinces(_("no region")), _in_provinces))
customer.extra_filters.add("gap", ExtraFilter(
    "gap", _("missing or wrong"), [(gap.code, gap.label) for gap in quality.GAPS], quality.with_gaps))
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
    personal=True,
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
    filters=["customer", "decision_role", "attitude", "influence", "lunar_month", "region", "owner", "owner_dept", "primary", "left", "created_at"],
    order="-created_at",
    views=[
        View("mine", _("Mine"), "owner=me&left=0"),
        View("department", _("My department"), "owner_dept=mine&left=0"),
        View("all", _("All"), ""),
    ],
    search=SearchKeys(names=("name", "wechat"), codes=("qq",), phones=("mobile", "phone")),
    create=["name", "customer", "job_title", "mobile", "decision_role"],
    more=["gender", "department", "phone", "email", "wechat", "qq", "attitude", "influence", "reports_to", "birthday",
          "lunar_month", "lunar_day", "lunar_leap", "region", "address", "hobby", "remark"],
    sections=[
        Section(_("Contact"), ["name", "customer", "gender", "job_title", "department", "mobile", "phone", "email",
                               "wechat", "qq", "wecom_id", "region", "address"]),
        Section(_("Part in buying"), ["decision_role", "attitude", "influence", "reports_to", "primary", "left"]),
        Section(_("Personal"), ["birthday", "lunar_month", "lunar_day", "lunar_leap", "hobby", "remark"]),
    ],
    api=["name", "customer", "gender", "job_title", "department", "decision_role", "attitude", "influence",
         "reports_to", "mobile", "phone", "email", "wechat", "qq", "wecom_id", "region", "address", "birthday", "lunar_month",
         "lunar_day", "lunar_leap", "hobby", "primary", "left", "owner", "owner_dept", "remark", "created_at"],
    import_keys=["mobile", "email"],
    deletable=True,
    related=("owner", "owner_dept", "customer"),
    actions=("view", "add", "edit", "delete", "import", "export", "transfer", "merge"),
    created_by_action=actions.create_contacts,
    one_created_by_action=actions.create_contact,
    changed_by_action=actions.change_contact,
    changed_together=actions.change_contacts,
)

line_owner = Kind(
    name="line_owner",
    model=LineOwner,
    label=_("owner of a product line"),
    plural=_("Owners of product lines"),
    slug="line-owners",
    icon="user-check",
    count_text=_("%(n)s product lines"),
    attrs=[Attr("customer"), Attr("line"), Attr("address", label=_("plant")), Attr("owner"), Attr("owner_dept", label=_("department"), readonly=True),
           Attr("remark")],
    columns=["customer", "line", "address", "owner", "remark"],
    filters=["customer", "owner", "owner_dept"],
    order="-id",
    create=["customer", "line", "address", "owner", "remark"],
    sections=[Section(_("Product line"), ["line", "address", "remark"])],
    api=["customer", "line", "address", "owner", "owner_dept", "remark", "created_at"],
    actions=("view", "add", "edit", "transfer"),
    pages=False,  # they stand on the page of their customer
    words=False,
    related=("owner", "owner_dept", "customer", "line", "address__region"),
    created_by_action=actions.create_line_owners,
    changed_by_action=actions.change_line_owner,
)

OPENING_FIELDS = ("category", "uscc", "title", "tax_no", "bank", "account", "address", "phone", "payment_term", "currency", "credit_limit",
                  "credit_days", "remark")
opening = Kind(
    name="opening",
    model=Opening,
    label=_("opening of a customer"),
    plural=_("Openings of customers"),
    slug="openings",
    icon="file-invoice",
    count_text=_("%(n)s applications"),
    attrs=[
        Attr("customer", readonly=True),
        Attr("status", tones={code: state.tone for code, state in OPENING.states.items()}, readonly=True),
        Attr("category", dictionary="customer_category"),
        Attr("payment_term", dictionary="payment_term"),
        Attr("currency", dictionary="currency"),
        Attr("phone", mask=phones.mask),
        Attr("applicant", readonly=True),
        Attr("checker", readonly=True),
        Attr("applied_at", readonly=True),
        Attr("checked_at", readonly=True, priority=2),
        Attr("answer", readonly=True, priority=3),
    ],
    columns=["customer", "status", "category", "payment_term", "credit_limit", "applicant", "applied_at", "checked_at"],
    filters=["status", "customer", "category", "applicant", "checker"],
    order="-id",
    views=[
        View("waiting", _("Waiting for finance"), "status=waiting"),
        View("returned", _("Returned"), "status=returned"),
        View("all", _("All"), ""),
    ],
    sections=[
        Section(_("What is asked for"), ["customer", "category", "uscc", "payment_term", "currency", "credit_limit", "credit_days", "remark"]),
        Section(_("Invoicing details"), ["title", "tax_no", "bank", "account", "address", "phone"]),
        Section(_("Check by finance"), ["status", "applicant", "applied_at", "checker", "checked_at", "answer"]),
    ],
    api=["customer", "status", *OPENING_FIELDS, "applicant", "applied_at", "checker", "checked_at", "answer"],
    actions=("view", "add", "check", "import", "export"),
    flow=OPENING,
    owned=False,
    words=False,
    related=("customer", "applicant", "checker"),
    created_by_action=actions.create_openings,
    changed_by_action=actions.change_opening,
)
