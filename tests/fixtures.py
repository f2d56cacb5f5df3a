"""The company every test meets: the demo company's departments, people and roles, and makers of records."""

from __future__ import annotations

import os
import secrets
import shutil
from datetime import timedelta
from decimal import Decimal

import pytest


def furnish():
    """Seeds and people, once per test database."""
    from zhike.demo.people import make_people
    from zhike.org.models import User
    from zhike.records import channel
    from zhike.seed import seed_house

    if not User.objects.exists():
        with channel.through("system"):
            seed_house()
            make_people()


@pytest.fixture(scope="session")
def migrated():
    """Where an empty database with all tables is kept for the next run; None on PostgreSQL.

    Making the tables costs half a minute of CPU, copying them a moment. The name follows everything
    that a migration is made of, so a changed one is never met here.
    """
    import hashlib
    import tempfile
    from pathlib import Path

    import django
    from django.conf import settings
    from django.db import connections

    if not connections["default"].settings_dict["ENGINE"].endswith("sqlite3"):
        return None
    house = Path(__file__).resolve().parent.parent
    mark = hashlib.sha256(f"{django.get_version()} {sorted(settings.INSTALLED_APPS)}".encode())
    for path in sorted([*house.glob("zhike/*/migrations/*.py"), *house.glob("zhike/base/fields/*.py"), house / "requirements" / "dev.txt",
                        house / "zhike" / "base" / "clock.py"]):
        mark.update(str(path.relative_to(house)).encode() + path.read_bytes())
    # In this user's own folder, which nobody else can write to.
    folder = Path("/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()) / f"zhike-tables-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        return None
    return folder / f"{mark.hexdigest()[:24]}.sqlite3"


@pytest.fixture(scope="session")
def django_db_keepdb(request, migrated):
    """The copied tables are not made anew."""
    return request.config.option.reuse_db or bool(migrated and migrated.exists())


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, migrated):
    """SQLite in a file, as in a company: threads of the concurrency tests wait for each other there."""
    from django.conf import settings
    from django.db import connections

    found = connections["default"].settings_dict
    if found["ENGINE"].endswith("sqlite3"):
        name = settings.DATA_DIR / "test.sqlite3"
        found["TEST"]["NAME"] = str(name)
        if migrated and migrated.exists():
            shutil.copyfile(migrated, name)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, migrated):
    with django_db_blocker.unblock():
        if migrated and not migrated.exists():
            _keep(migrated)
        furnish()


def _keep(path):
    """Put the empty database aside for the next run, whole or not at all; those of former migrations go."""
    from django.db import connection

    made = path.with_name(f"{path.name}.{os.getpid()}")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(made)])
    for old in sorted(path.parent.glob("*.sqlite3"), key=lambda found: found.stat().st_mtime)[:-7]:
        old.unlink(missing_ok=True)
    os.replace(made, path)


class People:
    """Colleagues by user name, fetched anew so that no rights linger from an earlier step."""

    def __getitem__(self, username):
        from zhike.org.models import User

        return User.objects.select_related("department").get(username=username)


@pytest.fixture
def people(db):
    furnish()  # a test with real transactions leaves an empty database behind
    return People()


class Maker:
    """Records as people make them: through the actions."""

    def __init__(self, people):
        self.people, self.n = people, 0

    def _owned(self, owner):
        from zhike.records.visibility import owner_fields

        return owner_fields(self.people[owner])

    def _by(self, owner, kind, customer=None):
        """The owner, or an administrator where the owner could not have made the row alone."""
        from zhike.org.access import access_of

        user = self.people[owner]
        seen = customer is None or type(customer).objects.visible_to(user).filter(pk=customer.pk).exists()
        return user if seen and access_of(user).may(kind, "add") else self.people["admin"]

    def customer(self, owner="rep", **values):
        from zhike.customers.actions import create_customers
        from zhike.customers.models import Customer

        self.n += 1
        values.setdefault("name", f"测试{'甲乙丙丁戊己庚辛壬癸'[self.n % 10]}机械{self.n}号有限公司")
        row = Customer(**values, **self._owned(owner))
        return create_customers([row], by=self._by(owner, "customer"), source="test")[0]

    def contact(self, customer=None, owner="rep", **values):
        from zhike.customers.actions import create_contacts
        from zhike.customers.models import Contact

        customer = customer or self.customer(owner)
        values.setdefault("name", "林示例")
        return create_contacts([Contact(customer=customer, **values, **self._owned(owner))], by=self._by(owner, "contact", customer))[0]

    def campaign(self, owner="marketing", **values):
        from zhike.leads.actions import create_campaigns
        from zhike.leads.models import Campaign

        self.n += 1
        values.setdefault("name", f"测试展会{self.n}")
        return create_campaigns([Campaign(**values, **self._owned(owner))], by=self._by(owner, "campaign"))[0]

    def lead(self, owner="rep", **values):
        """A lead; with owner None it waits, in the queue that `owner_dept` names."""
        from zhike.leads.actions import create_leads
        from zhike.leads.models import Lead

        self.n += 1
        values.setdefault("name", "林线索")
        values.setdefault("company", f"测试{'甲乙丙丁戊己庚辛壬癸'[self.n % 10]}线索{self.n}号有限公司")
        by = self._by(owner, "lead") if owner else self.people["marketing"]
        return create_leads([Lead(**values, **(self._owned(owner) if owner else {}))], by=by)[0]

    def lead_form(self, **values):
        from zhike.leads.actions import create_forms
        from zhike.leads.models import LeadForm

        self.n += 1
        values = {"title_zh": f"测试登记{self.n}", "asked": ["company", "mobile"], "must": ["mobile"], **values}
        return create_forms([LeadForm(**values)], by=self.people["marketing"])[0]

    def assign_rule(self, **values):
        """A rule that no lead of the tests fits."""
        from zhike.leads.actions import create_assign_rules
        from zhike.leads.models import AssignRule

        self.n += 1
        values = {"name": f"测试规则{self.n}", "words": "没有这种产品", "way": "user", "user": self.people["rep"], **values}
        return create_assign_rules([AssignRule(**values)], by=self.people["marketing"])[0]

    def opportunity(self, customer=None, owner="rep", **values):
        from zhike.base import clock
        from zhike.opportunities.actions import create_opportunities
        from zhike.opportunities.models import Opportunity

        customer = customer or self.customer(owner)
        values.setdefault("name", "测试生产线")
        values.setdefault("type", "new_project")
        values.setdefault("amount", Decimal("120000.00"))
        values.setdefault("expected_sign_date", clock.today() + timedelta(days=30))
        row = Opportunity(customer=customer, **values, **self._owned(owner))
        return create_opportunities([row], by=self._by(owner, "opportunity", customer))[0]

    def activity(self, customer=None, owner="rep", days=1, of_lead=None, **values):
        from zhike.activities.actions import create_activities
        from zhike.activities.models import Activity
        from zhike.base import clock

        customer = customer if customer or of_lead else self.customer(owner)
        values.setdefault("subject", "测试拜访")
        values.setdefault("type", "visit")
        row = Activity(customer=customer, lead=of_lead, at=clock.now() + timedelta(days=days),
                       status="planned" if days > 0 else "done", **values, **self._owned(owner))
        return create_activities([row], by=self._by(owner, "activity", of_lead or customer))[0]

    def task(self, giver="manager_east", owner="rep", **values):
        from zhike.activities.actions import give_tasks
        from zhike.activities.models import Task
        from zhike.base import clock

        values.setdefault("title", "测试任务")
        row = Task(due_at=(clock.now() + timedelta(days=3)).replace(microsecond=0), giver=self.people[giver], **values, **self._owned(owner))
        return give_tasks([row], by=self._by(giver, "task", values.get("customer")))[0]

    def worklog(self, owner="rep", weeks=0, **values):
        from zhike.activities.actions import open_log
        from zhike.activities.models import WorkLog
        from zhike.base import clock

        row = open_log(period="weekly", day=clock.today() - timedelta(weeks=weeks), by=self.people[owner])
        if values:
            WorkLog.objects.filter(pk=row.pk).update(**values)
            row.refresh_from_db()
        return row

    def discussion_group(self, owner="rep", **values):
        from zhike.collab.actions.groups import create_groups
        from zhike.collab.models import DiscussionGroup

        self.n += 1
        values = {"name": f"示例讨论组{self.n}", **values}
        return create_groups([DiscussionGroup(**self._owned(owner), **values)], by=self.people[owner])[0]

    def product(self, **values):
        from zhike.products.models import Product
        from zhike.records import registry, save

        self.n += 1
        values.setdefault("code", f"T-{self.n:03d}")
        values.setdefault("name", "测试车床")
        values.setdefault("list_price", Decimal("1000"))
        return save.create_rows(registry.kind("product"), [Product(**values)], by=self.people["admin"])[0]

    def price_list(self, **values):
        from zhike.products.models import PriceList
        from zhike.records import registry, save

        self.n += 1
        values.setdefault("code", f"PL-{self.n:03d}")
        values.setdefault("name", "测试价格表")
        return save.create_rows(registry.kind("price_list"), [PriceList(**values)], by=self.people["admin"])[0]

    def pool(self, **values):
        from zhike.customers.actions import create_pools
        from zhike.customers.models import Pool

        self.n += 1
        values.setdefault("name", f"测试公海{self.n}")
        return create_pools([Pool(**values)], by=self.people["admin"])[0]

    def custom_field(self, **values):
        from zhike.masterdata.custom_fields import create_custom_fields
        from zhike.records.models import CustomField

        values = {"on": "product", "label_zh": "装机功率", "label_en": "Power", "type": "quantity", **values}
        return create_custom_fields([CustomField(**values)], by=self.people["admin"])[0]


@pytest.fixture(autouse=True)
def _nothing_of_other_tests(monkeypatch):
    """What is remembered for half a minute, requests counted for one, and the language the last request spoke."""
    from django.core.cache import cache
    from django.utils import translation

    from zhike.api import rates
    from zhike.collab.actions import tags
    from zhike.leads.views import public
    from zhike.masterdata import dictionaries
    from zhike.records import customs, saved_views

    cache.clear()
    translation.deactivate()  # a page leaves its reader's language behind in the thread
    customs.definitions.suppose(customs.Definitions(), seconds=3600)
    dictionaries.kept.forget()
    saved_views.pins.suppose(saved_views.Pins(), seconds=3600)
    tags.kinds_with_tags.forget()
    monkeypatch.setattr(rates, "PER_MINUTE", 1_000_000)  # numbers of tokens come again with every test
    rates.forget()
    public.rates.forget()


@pytest.fixture
def make(people):
    return Maker(people)


@pytest.fixture
def sign_in(people, client):
    """A test client signed in as a colleague: `sign_in("rep")`."""
    from django.test import Client

    from zhike.org.backends import BACKEND

    def sign(username, **more):
        found = Client(**more)
        found.force_login(people[username], backend=BACKEND)
        return found

    return sign


PASSWORD = "stille-drehbank-77"


@pytest.fixture
def rep(people):
    """A sales rep with a password of their own; see `enter`."""
    user = people["rep"]
    user.set_password(PASSWORD)
    user.save()
    return user


def enter(client, **more):
    """Type the rep's name and password at the sign-in page."""
    return client.post("/sign-in/", {"username": "rep", "password": PASSWORD, **more})


@pytest.fixture
def once():
    """A fresh once-token for a form post."""
    return lambda: secrets.token_urlsafe(24)
