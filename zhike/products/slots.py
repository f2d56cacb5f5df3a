from django.utils.translation import gettext_lazy as _

from zhike.pages import menus

menus.place("customers", "products", _("Products"), "product-list", order=400, kind="product")
