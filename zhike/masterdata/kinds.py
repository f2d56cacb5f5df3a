from django.utils.translation import gettext_lazy as _

from zhike.records import customs
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind, SearchKeys, Section, View
from zhike.records.models import CustomField, NumberRule

from .custom_fields import UNFILTERED, change_custom_field, create_custom_fields
from .models import Dictionary, Region
from .roles import Roles

region = Kind(
    name="region", model=Region, label=_("region"), plural=_("Regions"), slug="regions", icon="map-pin",
    api=["name", "full_name", "level", "parent"], filters=["level", "parent"], order="id",
    search=SearchKeys(names=("full_name",)), owned=False, pages=False, actions=("view",),
)

custom_field = Kind(
    name="custom_field", model=CustomField, label=_("custom field"), plural=_("Custom fields"), slug="custom-fields",
    icon="adjustments", count_text=_("%(n)s fields"), owned=False, words=False, actions=("view", "add", "edit"),
    attrs=[
        Attr("label_zh", label=_("Chinese name")),
        Attr("on", label=_("records"), type="choice"),
        Attr("to", label=_("points to"), type="choice", when="type=ref"),
        Attr("unit", when="type=int quantity money percent formula"),
        Attr("choices_text", when="type=choice multi", help=_("One a line: code = Chinese name | English name. Code and English name may be left out.")),
        Attr("formula", when="type=formula", help=_("Numbers, field codes of the same record, + - * / and brackets, such as amount * 0.13")),
        Attr("required_roles", type="multi", choices=Roles(), help=_("For nobody else. Leave it empty where everybody is asked, or nobody.")),
        Attr("filterable", when=f"type={' '.join(code for code, _label in CustomField.TYPES if code not in UNFILTERED)}"),
        Attr("searchable", when=f"type={' '.join(customs.SEARCHED)}", help=_("The search of the list and Ctrl K find records by it, for everybody who sees the field in the open.")),
        Attr("name", help=_("Left empty it is made from the name. Fixed once made."), type="code"),
    ],
    columns=["label_zh", "on", "type", "required", "on_create", "on_list", "filterable", "searchable", "order", "enabled", "name"],
    filters=["on", "type", "enabled"],
    order="id",
    views=[View("used", _("In use"), "enabled=1"), View("all", _("All"), "")],
    create=["on", "label_zh", "label_en", "type", "choices_text", "to", "formula", "unit"],
    more=["help_text", "name", "required", "required_roles", "on_create", "on_list", "filterable", "searchable",
          "order"],
    sections=[
        Section(_("Names"), ["label_zh", "label_en", "unit", "help_text"]),
        Section(_("Contents"), ["choices_text", "formula"]),
        Section(_("Use"), ["required", "required_roles", "on_create", "on_list", "filterable", "searchable", "order", "enabled"]),
    ],
    created_by_action=create_custom_fields,
    changed_by_action=change_custom_field,
)

# Its pages are its own: the lists are the program's, only their choices are kept.
dictionary = Kind(
    name="dictionary", model=Dictionary, label=_("option list"), plural=_("Option lists"), slug="option-lists", icon="list-details",
    count_text=_("%(n)s lists"), owned=False, pages=False, words=False, actions=("view", "edit"), order="id",
)

# One rule for each kind of record with numbers; what has no row is numbered as the house does.
number_rule = Kind(
    name="number_rule", model=NumberRule, label=_("numbering rule"), plural=_("Numbering rules"), slug="numbering", icon="list-details",
    owned=False, pages=False, words=False, actions=("view", "edit"), order="id",
    attrs=[
        Attr("pattern", type="code", help=_("Fixed text, and in braces {YYYY}, {YYYYMM} or {YYYYMMDD} for the date, {DEPT} for the code of the "
                                            "department and {SEQ} for the count, in any order.")),
        Attr("width", help=_("Filled up with zeros; when they run out, the number grows by a digit.")),
        Attr("start"), Attr("step"), Attr("reset"),
    ],
)
