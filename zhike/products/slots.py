from django.utils.translation import gettext_lazy as _

from zhike.pages import menus

menus.place("customers", "products", _("Products"), "product-list", order=400, kind="product")
menus.place("settings", "price-lists", _("Price lists"), "price_list-list", order=145, kind="price_list", action="edit")
