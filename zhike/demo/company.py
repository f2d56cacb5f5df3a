"""Building the demo company through the same actions people use."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from stdnum.cn.uscc import calc_check_digit

from zhike.base import clock
from zhike.customers.actions import change_customer, create_contacts, create_customers, create_invoice_titles
from zhike.customers.models import Contact, Customer, InvoiceTitle
from zhike.masterdata.models import Region
from zhike.org.models import User
from zhike.products.models import Product, ProductLine
from zhike.records import channel, registry, save
from zhike.records.visibility import owner_fields

from . import words
from .people import make_people

CUSTOMERS = 320
CONTACTS = 840
REPS = ("rep", "rep_east2", "rep_east3", "rep_east4", "rep_south", "rep_south2", "rep_south3", "rep_west",
        "rep_west2", "rep_west3")
ROLES = ("decider", "approver", "influencer", "user", "buyer", "gatekeeper", "coach")


def load_demo(say: Callable[[str], None] = lambda text: None) -> bool:
    """Fill an empty database with the demo company; does nothing (and says False) when data is there."""
    from zhike.seed import seed_house

    if Customer.objects.exists():
        return False
    chance = random.Random(20260318)
    with channel.through("system"):
        seed_house()
        with transaction.atomic():
            users = make_people()
            say(f"{len(users)} users")
            products = make_products(users["admin"])
            say(f"{len(products)} products")
            with clock.freeze(clock.now() - timedelta(days=400)):
                customers = make_customers(users, chance)
                contacts = make_contacts(customers, users, chance)
            say(f"{len(customers)} customers, {len(contacts)} contacts")
        from .business import make_business
        from .care import make_care
        from .groups import make_groups
        from .intake import make_intake
        from .leads import make_leads
        from .pools import make_pools
        from .samples import make_samples
        from .week import make_week

        make_business(users, customers, contacts, products, chance, say)
        make_pools(users, customers, say)
        make_leads(users, products, say)
        make_week(users, customers, say)
        make_care(users, customers, contacts, chance, say)
        make_intake(users, say)
        make_samples(users, customers, contacts, products, say)
        make_groups(users, customers, say)
        save.index(registry.kind("user"), list(User.objects.all()))
    return True


def make_products(by: User) -> list[Product]:
    rows = []
    for i, (prefix, name, models, price) in enumerate(words.PRODUCTS):
        line, _made = ProductLine.objects.get_or_create(code=prefix, defaults={"name": name, "order": i})
        for j, model in enumerate(models):
            rows.append(
                Product(
                    code=f"{prefix}-{j + 1:03d}", name=name, model=model, line=line,
                    unit="项" if prefix == "SVC" else "套" if prefix in ("FIX", "SPR") else "台",
                    list_price=Decimal(price * (10 + 3 * j)) / 10, tax_rate=Decimal("0.06" if prefix == "SVC" else "0.13"),
                    standard_cost=Decimal(price * (10 + 3 * j)) / 10 * Decimal("0.68"),
                )
            )
    return save.create_rows(registry.kind("product"), rows, by=by)


def company_names(chance: random.Random) -> list[tuple[str, str, str]]:
    """(name, short name, industry): every firm once, all from myth."""
    pairs = [(myth, trade) for myth in words.MYTH for trade in words.TRADES]
    chance.shuffle(pairs)
    chosen = pairs[:CUSTOMERS]
    return [
        (f"{myth}{trade}{chance.choice(words.SUFFIXES)}", f"{myth}{trade[:2]}", industry)
        for myth, (trade, industry) in chosen
    ]


def make_customers(users: dict[str, User], chance: random.Random) -> list[Customer]:
    regions = list(Region.objects.filter(pk__in=[int(code) for code in words.REGION_CODES]))
    rows: list[Customer] = []
    for i, (name, short, industry) in enumerate(company_names(chance)):
        owner = users[chance.choice(REPS)]
        rows.append(
            Customer(
                name=name, short_name=short, industry=industry, level=chance.choices("ABC", (2, 4, 5))[0],
                category=chance.choices(("direct", "dealer", "oem", "agent"), (7, 2, 2, 1))[0],
                source=chance.choice(("exhibition", "web", "phone", "referral", "tender", "campaign", "cold")),
                scale=chance.choice(("small", "medium", "large")),
                nature=("private", "private", "state", "foreign", "joint")[i % 5], currency="CNY",
                payment_term=("milestone", "prepaid", "month30", "milestone", "month60", "month30")[i % 6],
                region=chance.choice(regions) if regions else None, address=f"示例路 {chance.randint(1, 999)} 号",
                phone=f"0{chance.choice(('21', '512', '571', '755'))}-5555{chance.randint(0, 9999):04d}",
                **owner_fields(owner),
            )
        )
    for i, row in enumerate(rows):
        if i % 10 < 7 and row.region is not None:
            row.uscc = fictitious_code(row.region, i)
    rows = create_customers(rows, by=users["admin"], source="demo")
    groups = [row for row in rows if "集团" in row.name][:12]
    plain = [row for row in rows if "集团" not in row.name]
    for parent, child in zip(groups, chance.sample(plain, len(groups)), strict=True):
        change_customer(child, {"parent": parent, "relation": "subsidiary"}, by=users["admin"], version=None)
        plant = next(row for row in plain if row.parent_id is None and row.pk != child.pk)
        change_customer(plant, {"parent": child, "relation": "branch"}, by=users["admin"], version=None)
        change_customer(parent, {"relation": "group"}, by=users["admin"], version=None)
    create_invoice_titles([
        InvoiceTitle(customer=row, title=row.name, bank="示例银行示例支行", account=f"0000 1234 {i:04d}", address=row.address)
        for i, row in enumerate(rows) if i % 3
    ], by=users["admin"], checked=True)
    return rows


def fictitious_code(region: Region, i: int) -> str:
    """A credit code with a right check character and a subject that nobody is given."""
    body = f"91{region.pk:06d}FFFFFF{i:03d}"
    return body + calc_check_digit(body)


def make_contacts(customers: list[Customer], users: dict[str, User], chance: random.Random) -> list[Contact]:
    rows: list[Contact] = []
    for i in range(CONTACTS):
        customer = customers[i] if i < len(customers) else chance.choice(customers)
        rows.append(
            Contact(
                customer=customer, name=chance.choice(words.SURNAMES) + chance.choice(words.GIVEN),
                gender=chance.choice(("male", "male", "female")), job_title=chance.choice(words.TITLES),
                decision_role=chance.choice(ROLES), attitude=chance.choice(("support", "neutral", "unknown", "oppose")),
                influence=chance.randint(1, 5),
                lunar_month=i % 12 + 1 if i % 7 == 0 else None, lunar_day=i % 30 + 1 if i % 7 == 0 else None, mobile=f"1390000{i:04d}", email=f"contact{i}@example.com",
                owner_id=customer.owner_id, owner_dept_id=customer.owner_dept_id,
            )
        )
    made = create_contacts(rows, by=users["admin"], checked=True)
    hang_contacts(made)
    return list(made)


def hang_contacts(rows: Sequence[Contact]) -> None:
    """Whoever counts more is above: a decision map of two or three levels at each customer."""
    firms: dict[int, list[Contact]] = {}
    for row in sorted(rows, key=lambda one: (-(one.influence or 0), one.pk)):
        firms.setdefault(row.customer_id, []).append(row)
    for people in firms.values():
        for place, row in enumerate(people[1:], 1):
            Contact.objects.filter(pk=row.pk).update(reports_to=people[(place - 1) // 2])
