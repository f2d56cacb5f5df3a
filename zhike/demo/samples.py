"""What a house adds by itself: fields of its own of every type, tags, small files, and words about records."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from PIL import Image, ImageDraw

from zhike.base import clock
from zhike.collab import in_fields
from zhike.collab.actions import comments, files, tags
from zhike.customers.models import Contact, Customer
from zhike.masterdata.custom_fields import create_custom_fields
from zhike.opportunities.models import Opportunity
from zhike.org.models import User
from zhike.products.models import Product
from zhike.records import crud, customs, registry, save
from zhike.records.models import CustomField

FIELDS: tuple[dict[str, Any], ...] = (
    {"on": "customer", "name": "c_grade", "type": "choice", "label_zh": "信用评估", "label_en": "Credit rating", "filterable": True, "on_list": True,
     "choices_text": "good = 良好 | Good\nfair = 一般 | Fair\nwatch = 关注 | To watch"},
    {"on": "customer", "name": "c_volume", "type": "money", "label_zh": "年采购额", "label_en": "Yearly purchases", "filterable": True, "unit": "元"},
    {"on": "customer", "name": "c_since", "type": "date", "label_zh": "合作起始", "label_en": "Customer since", "filterable": True},
    {"on": "customer", "name": "c_machines", "type": "multi", "label_zh": "在用设备", "label_en": "Machines in use", "filterable": True,
     "choices_text": "lathe = 车床 | Lathe\nmill = 铣床 | Milling machine\ncentre = 加工中心 | Machining centre\ngrinder = 磨床 | Grinder"},
    {"on": "customer", "name": "c_engineer", "type": "user", "label_zh": "技术对接人", "label_en": "Our engineer", "filterable": True},
    {"on": "customer", "name": "c_referrer", "type": "ref", "to": "customer", "label_zh": "介绍客户", "label_en": "Referred by"},
    {"on": "customer", "name": "c_gate", "type": "file", "label_zh": "厂区照片", "label_en": "Picture of the plant"},
    {"on": "customer", "name": "c_portal", "type": "url", "label_zh": "采购平台", "label_en": "Purchasing portal"},
    {"on": "contact", "name": "c_way", "type": "choice", "label_zh": "沟通习惯", "label_en": "Preferred way", "filterable": True,
     "choices_text": "call = 电话 | Call\nchat = 微信 | Chat\nmeet = 面谈 | In person"},
    {"on": "contact", "name": "c_assistant", "type": "phone", "label_zh": "助理电话", "label_en": "Assistant's phone"},
    {"on": "contact", "name": "c_second_mail", "type": "email", "label_zh": "备用邮箱", "label_en": "Second e-mail"},
    {"on": "opportunity", "name": "c_units", "type": "int", "label_zh": "设备台数", "label_en": "Machines wanted", "filterable": True},
    {"on": "opportunity", "name": "c_each", "type": "formula", "label_zh": "单台预算", "label_en": "Budget for each", "formula": "amount / c_units",
     "filterable": True},
    {"on": "opportunity", "name": "c_share", "type": "percent", "label_zh": "预计份额", "label_en": "Expected share"},
    {"on": "opportunity", "name": "c_approved", "type": "bool", "label_zh": "预算已批", "label_en": "Budget approved", "filterable": True},
    {"on": "opportunity", "name": "c_opening", "type": "datetime", "label_zh": "开标时间", "label_en": "Opening of tenders"},
    {"on": "opportunity", "name": "c_spec", "type": "text", "label_zh": "技术协议号", "label_en": "Specification no.", "filterable": True,
     "searchable": True},
    {"on": "product", "name": "c_weight", "type": "quantity", "label_zh": "整机重量", "label_en": "Weight", "unit": "kg", "filterable": True},
    {"on": "product", "name": "c_leaflet", "type": "file", "label_zh": "产品样本", "label_en": "Leaflet"},
    {"on": "product", "name": "c_remarks", "type": "long", "label_zh": "选型说明", "label_en": "How to choose"},
)
TAGS = {
    "customer": (("重点跟进", "bad"), ("样板工厂", "good"), ("展会邀约", "info")),
    "opportunity": (("急单", "bad"), ("需打样", "wait")),
    "contact": (("关键人", "violet"),),
}


def make_samples(
    users: Mapping[str, User], customers: Sequence[Customer], contacts: Sequence[Contact], products: Sequence[Product], say: Callable[[str], None],
) -> None:
    """Give the records what the house added; nothing of it takes a figure of the company elsewhere."""
    chance = random.Random(1106)  # its own, so that everything else stays as it is
    # One after the other: a formula names fields that are there.
    fields = [create_custom_fields([CustomField(**{**values, "order": n})], by=users["admin"])[0] for n, values in enumerate(FIELDS, 1)]
    chosen = list(Opportunity.objects.order_by("pk"))
    fill(registry.kind("customer"), customers, lambda i: of_customer(i, customers, users, chance))
    fill(registry.kind("contact"), contacts, lambda i: of_contact(i, chance))
    fill(registry.kind("opportunity"), chosen, lambda i: of_opportunity(i, chance))
    fill(registry.kind("product"), products, lambda i: {
        "c_weight": Decimal(chance.randint(120, 9_800)), "c_remarks": "示例：按工件最大直径与年产量选型。" if i % 3 == 0 else ""})
    n = make_files(users, customers, products)
    for kind, words in TAGS.items():
        rows = {"customer": customers, "opportunity": chosen, "contact": contacts}[kind]
        for i, (name, tone) in enumerate(words):
            tag = tags.make_tag(registry.kind(kind), name, tone=tone, by=users["admin"])
            tags.tag_rows(list(rows[i :: 9][:24]), add=[tag], by=users["admin"])
    n_words = make_words(users, customers)
    say(f"{len(fields)} fields of the house's own, {n} files, {n_words} comments")


def fill(kind: Any, rows: Sequence[Any], values: Callable[[int], Mapping[str, Any]]) -> None:
    """Values for rows that are there: written in one go, without a line of history for each."""
    for i, row in enumerate(rows):
        for name, value in values(i).items():
            customs.put(row, name, value)
    customs.derive(kind, rows)
    kind.model.objects.bulk_update(rows, ["custom"], batch_size=500)
    customs.index(kind, rows, fresh=True)
    if customs.searched(kind):
        save.index(kind, rows)


def of_customer(i: int, customers: Sequence[Customer], users: Mapping[str, User], chance: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {
        "c_grade": chance.choices(("good", "fair", "watch", None), (6, 3, 1, 2))[0],
        "c_volume": Decimal(chance.randint(20, 900)) * 1_000 if i % 4 else None,
        "c_since": clock.today() - timedelta(days=chance.randint(30, 3_600)) if i % 5 else None,
        "c_machines": [code for code in ("lathe", "mill", "centre", "grinder") if chance.random() < 0.4],
    }
    if i % 6 == 0:
        found["c_engineer"] = users["presales"] if "presales" in users else users["rep"]
        found["c_referrer"] = customers[(i * 7 + 1) % len(customers)]
    if i % 8 == 0:
        found["c_portal"] = f"https://buy{i:03d}.example.com/"
    return found


def of_contact(i: int, chance: random.Random) -> dict[str, Any]:
    return {
        "c_way": chance.choice(("call", "chat", "meet", None)),
        "c_assistant": f"0512-5555{i:04d}" if i % 11 == 0 else None,
        "c_second_mail": f"second{i}@example.com" if i % 9 == 0 else None,
    }


def of_opportunity(i: int, chance: random.Random) -> dict[str, Any]:
    on = clock.local(clock.now()) + timedelta(days=chance.randint(3, 60))
    return {
        "c_units": chance.randint(1, 12), "c_share": Decimal(chance.randint(2, 9)) / 10 if i % 3 else None, "c_approved": chance.random() < 0.4,
        "c_opening": datetime(on.year, on.month, on.day, 2, tzinfo=UTC) if i % 4 == 0 else None,
        "c_spec": f"TX-{2026}{i:04d}" if i % 2 else None,
    }


def plate(text: str, colour: str) -> bytes:
    """A picture of some hundred bytes: a plate with a few letters."""
    made = Image.new("RGB", (320, 200), colour)
    pen = ImageDraw.Draw(made)
    pen.rectangle((20, 60, 300, 180), fill="#5b6b7b")
    pen.polygon([(20, 60), (160, 20), (300, 60)], fill="#8a99a8")
    pen.rectangle((130, 110, 190, 180), fill="#e9eef3")
    pen.text((24, 186), text, fill="#ffffff")
    out = io.BytesIO()
    made.save(out, "PNG", optimize=True)
    return out.getvalue()


def leaflet(text: str) -> bytes:
    """A PDF of one page that says one line."""
    stream = f"BT /F1 18 Tf 60 760 Td ({text}) Tj ET".encode("ascii")
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream), b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, table, len(parts) + 1, len(out))


def make_files(users: Mapping[str, User], customers: Sequence[Customer], products: Sequence[Product]) -> int:
    """A picture at two customers, a leaflet at two products, and two loose files."""
    admin, made = users["admin"], 0
    mine = [row for row in customers if row.owner_id == users["rep"].pk][:2]
    for i, row in enumerate(mine):
        put(row, "c_gate", f"厂区{i + 1}.png", plate(f"SAMPLE PLANT {i + 1}", ("#3b82c4", "#4f9d69")[i]), admin)
        made += 1
    for i, product in enumerate(products[:2]):
        put(product, "c_leaflet", f"产品样本{i + 1}.pdf", leaflet(f"Sample leaflet {product.code}"), admin)
        made += 1
    for name, content in (("车间布局.png", plate("SHOP FLOOR", "#7c5cbf")), ("需求清单.pdf", leaflet("Sample list of needs"))):
        taken = files.take_in(name, [content], len(content))
        files.attach_files(mine[0], [taken], by=admin)
        made += 1
    return made


def put(row: Any, field: str, name: str, content: bytes, by: User) -> None:
    """Send a file ahead and save the record with it, as a form does."""
    held = files.hold_file(row.KIND, files.take_in(name, [content], len(content)), by=by, field=field)
    crud.change(row, {field: in_fields.kept(held)}, by=by, version=None)


def make_words(users: Mapping[str, User], customers: Sequence[Customer]) -> int:
    """A discussion with names, an answer, a picture and a conclusion; and some words elsewhere."""
    rep, manager = users["rep"], users["manager_east"]
    mine = [row for row in customers if row.owner_id == rep.pk]
    row = mine[0]
    with clock.freeze(clock.now() - timedelta(days=3)):
        asked = comments.add_comment(row, f"@{manager.name} 客户希望把质保从 12 个月延到 18 个月，能否答应？", by=rep)
    with clock.freeze(clock.now() - timedelta(days=2)):
        comments.add_comment(row, "示例：先确认他们的维保记录，再给答复。", by=manager, parent=asked)
    picture = plate("SPINDLE", "#b4652f")
    held = files.hold_file(row.KIND, files.take_in("主轴现场.png", [picture], len(picture)), by=rep)
    with clock.freeze(clock.now() - timedelta(days=1)):
        comments.add_comment(row, "现场主轴的照片，维保记录齐全。", by=rep, parent=asked, files=[held.pk])
        end = comments.add_comment(row, f"可以延到 18 个月，随合同写明，@{rep.name} 请更新报价。", by=manager, parent=asked)
    comments.conclude_comment(end, row, by=manager)
    comments.pin_comment(asked, row, by=manager)
    for other in mine[1:4]:
        comments.add_comment(other, f"示例：下周拜访，@{manager.name} 一起去？", by=rep)
    return 7
