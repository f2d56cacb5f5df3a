"""What master data adds to the shell; and what a custom field may be put on, known once all kinds are."""

from typing import Any

from django.apps import apps
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.pages import changes, menus
from zhike.records import registry
from zhike.records.kinds import Kind

menus.place("settings", "custom-fields", _("Custom fields"), "custom_field-list", order=300, kind="custom_field")
_field = registry.kind("custom_field")


def _linked(kind: Kind) -> int:
    """How many fields of the house point to records of a kind: what people link to most is customers."""
    return sum(column.related_model is kind.model for model in apps.get_models() for column in model._meta.concrete_fields)


_kinds = sorted((kind for kind in registry.kinds() if kind.pages and kind is not _field), key=_linked, reverse=True)
_field.attr("on").choices = [(kind.name, kind.plural) for kind in _kinds if kind.create]
_field.attr("to").choices = [(kind.name, kind.plural) for kind in _kinds]


def choice_line(name: str, value: Any) -> tuple[str, Any]:
    """A line of a list's history: the code of the choice, and its names, its place or whether it is in use."""
    if isinstance(value, bool):
        return name, gettext("in use") if value else gettext("retired")
    return name, "—" if value is None else value


menus.place("settings", "option-lists", _("Option lists"), "dictionary-list", order=310, kind="dictionary")
menus.place("settings", "numbering", _("Numbering rules"), "number_rule-list", order=320, kind="number_rule")
changes.namers.add("dictionary", choice_line)
changes.verbs.add("choice-add", (_("Choice added"), "plus", "good"))
changes.verbs.add("choice-move", (_("Choice moved"), "arrow-up", "info"))
changes.verbs.add("choice-retire", (_("Choice retired"), "ban", "wait"))
changes.verbs.add("choice-restore", (_("Choice taken back into use"), "circle-check", "good"))
changes.verbs.add("choice-remove", (_("Choice deleted"), "trash", "wait"))
