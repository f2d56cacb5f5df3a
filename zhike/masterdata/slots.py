"""What master data adds to the shell; and what a custom field may be put on, known once all kinds are."""

from django.utils.translation import gettext_lazy as _

from zhike.pages import menus
from zhike.records import registry

menus.place("settings", "custom-fields", _("Custom fields"), "custom_field-list", order=300, kind="custom_field")
_field = registry.kind("custom_field")
_field.attr("on").choices = [(kind.name, kind.plural) for kind in registry.kinds() if kind.pages and kind.create and kind is not _field]
_field.attr("to").choices = [(kind.name, kind.plural) for kind in registry.kinds() if kind.pages and kind is not _field]
