from django.utils.translation import gettext_lazy as _

from zhike.pages import menus, personal

from .views import WHOSE

menus.place("workbench", "home", _("Workbench"), "home", order=10)
personal.kept.add(WHOSE, ("mine", "department"))
