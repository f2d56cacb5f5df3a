from django.utils.translation import gettext_lazy as _

from zhike.pages import menus

menus.place("workbench", "home", _("Workbench"), "home", order=10)
