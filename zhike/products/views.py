"""Pages of the product catalogue."""

from __future__ import annotations

from zhike.pages.details import DetailPage


class ProductPage(DetailPage):
    kind_name = "product"
    menu = "customers"
    place = "products"


class PriceListPage(DetailPage):
    kind_name = "price_list"
    menu = "settings"
    place = "price-lists"
