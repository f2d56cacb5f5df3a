"""Products as people meet them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.records.attrs import Attr
from zhike.records.kinds import Kind, SearchKeys, Section, View

from .models import PriceList, Product, ProductLine

product_line = Kind(name="product_line", model=ProductLine, label=_("product line"), plural=_("Product lines"), slug="product-lines", icon="box",
                    api=["code", "name", "enabled"], order="id", owned=False, pages=False, words=False, actions=("view",))

price_list = Kind(
    name="price_list",
    model=PriceList,
    label=_("price list"),
    plural=_("Price lists"),
    slug="price-lists",
    icon="list-details",
    count_text=_("%(n)s price lists"),
    attrs=[Attr("name", label=_("price list name")), Attr("code", type="code"), Attr("currency", dictionary="currency"),
           Attr("created_at", label=_("created"))],
    columns=["name", "code", "currency", "valid_from", "valid_to", "enabled"],
    filters=["enabled", "currency"],
    order="id",
    views=[View("enabled", _("In use"), "enabled=1"), View("all", _("All"), "")],
    create=["code", "name", "currency"],
    more=["valid_from", "valid_to", "remark"],
    sections=[Section(_("Price list"), ["name", "code", "currency", "valid_from", "valid_to", "enabled", "remark"])],
    api=["code", "name", "currency", "valid_from", "valid_to", "enabled", "remark", "created_at"],
    import_keys=["code"],
    actions=("view", "add", "edit"),
    owned=False,
    words=False,
)

product = Kind(
    name="product",
    model=Product,
    label=_("product"),
    plural=_("Products"),
    slug="products",
    icon="box",
    count_text=_("%(n)s products"),
    attrs=[
        Attr("name", label=_("product name")),
        Attr("sort_name", label=_("name"), sort=True),
        Attr("created_at", label=_("created"), sort=True),
        Attr("code", type="code"),
        Attr("list_price", unit=_("CNY")),
        Attr("standard_cost", unit=_("CNY")),
    ],
    columns=["name", "code", "model", "line", "unit", "list_price", "tax_rate", "enabled"],
    filters=["enabled", "list_price", "created_at"],
    order="sort_name",
    views=[View("enabled", _("In use"), "enabled=1"), View("all", _("All"), "")],
    search=SearchKeys(names=("name", "model"), codes=("code",)),
    create=["code", "name", "model", "unit", "list_price", "tax_rate"],
    more=["standard_cost", "description"],
    sections=[
        Section(_("Product"), ["name", "code", "model", "unit", "list_price", "tax_rate", "standard_cost",
                               "enabled"]),
        Section(_("Description"), ["description"]),
    ],
    api=["code", "name", "model", "line", "unit", "list_price", "tax_rate", "standard_cost", "enabled",
         "description", "created_at"],
    import_keys=["code"],
    actions=("view", "add", "edit", "import", "export"),
    related=("line",),
    owned=False,
)
