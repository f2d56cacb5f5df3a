"""Products and their lines in import plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.records import guard, registry, save
from zhike.records.imports.importer import Importer

from .models import PriceList, Product, ProductLine


class ProductLineImporter(Importer):
    kind = "product_line"
    model = ProductLine
    plain = ("code", "name", "order", "enabled")
    required = ("code", "name")
    match = ("code",)
    keys = ("code",)
    keep = ("name",)
    small = True

    def check_right(self, by: Any) -> None:
        guard.require(by, registry.kind("product"), "import")
        guard.require(by, registry.kind("product"), "add")

    def create(self, rows: list[ProductLine], *, by: Any, batch: str) -> list[ProductLine]:
        return ProductLine.objects.bulk_create(rows)

    def change(self, row: ProductLine, values: Mapping[str, Any], *, by: Any) -> dict[str, Any]:
        diff = save.changes(registry.kind("product"), row, values)
        if "code" in diff:
            raise Refused(_("The code of a product line stays as it is."), field="code")
        if diff:
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
        return diff


class PriceListImporter(Importer):
    kind = "price_list"
    model = PriceList
    plain = ("code", "name", "currency", "valid_from", "valid_to", "enabled", "remark")
    required = ("code", "name")
    match = ("code",)
    keys = ("code", "name")
    keep = ("name",)
    small = True

    def check_right(self, by: Any) -> None:
        guard.require(by, registry.kind("product"), "import")
        guard.require(by, registry.kind("price_list"), "add")
        guard.require(by, registry.kind("price_list"), "edit")


class ProductImporter(Importer):
    kind = "product"
    model = Product
    plain = ("code", "name", "model", "unit", "list_price", "tax_rate", "standard_cost", "description", "enabled")
    refs = {"line": "product_line"}
    required = ("code", "name")
    match = ("code",)
    keys = ("code", "name")
    keep = ("name", "model", "unit", "list_price")
    small = True
