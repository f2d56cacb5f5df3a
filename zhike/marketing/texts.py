"""Texts with holes, in a sandbox that can do nothing but fill them.

A template may name the variables below, choose with `if`, and use a few filters. Loops, calls,
attributes and everything else of the language are refused when it is saved, so that no text can
reach what it was not given, nor run for long.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from zhike.base.refused import Refused

LONGEST = 2_000  # characters of a template and of what comes out
VARIABLES = {
    "contact": gettext_lazy("name of the contact"), "salutation": gettext_lazy("name with Mr. or Ms."), "customer": gettext_lazy("customer name"),
    "short_name": gettext_lazy("short name"), "occasion": gettext_lazy("occasion"), "day": gettext_lazy("day of the occasion"),
    "years": gettext_lazy("how many years"), "sender": gettext_lazy("the owner's name"), "company": gettext_lazy("our company"),
}
HELP = gettext_lazy("Variables stand in double braces; they are named below.")
FILTERS = ("upper", "lower", "trim", "default", "truncate")
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And,
    nodes.Or, nodes.Not, nodes.Filter,
)
_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)


def problem(text: str) -> str:
    """What is wrong with a template in words, or nothing."""
    if len(text) > LONGEST:
        return str(_("A text has at most %(n)s characters.") % {"n": f"{LONGEST:,}"})
    try:
        tree = _environment.parse(text)
    except (TemplateError, RecursionError, OverflowError, ValueError) as wrong:
        return str(_("The text cannot be read: %(why)s") % {"why": str(wrong)[:100]})
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            return str(_("“%(what)s” is not possible in a text. Possible: variables, if, and the filters %(list)s.")
                       % {"what": type(node).__name__.lower(), "list": ", ".join(FILTERS)})
        if isinstance(node, nodes.Name) and node.name not in VARIABLES:
            return str(_("There is no variable “%(name)s”. Possible: %(list)s") % {"name": node.name[:40], "list": ", ".join(VARIABLES)})
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            return str(_("There is no filter “%(name)s”. Possible: %(list)s") % {"name": node.name[:40], "list": ", ".join(FILTERS)})
    return ""


def render(text: str, values: Mapping[str, Any]) -> str:
    """The text with its holes filled. Raises `Refused` for a template that `problem` would name."""
    wrong = problem(text)
    if wrong:
        raise Refused(wrong, field="text", code="text.template")
    try:
        found = _environment.from_string(text).render({name: values.get(name, "") for name in VARIABLES})
    except (TemplateError, TypeError, ValueError, ArithmeticError, MemoryError) as fault:
        raise Refused(_("The text cannot be read: %(why)s") % {"why": str(fault)[:100]}, field="text", code="text.template") from None
    return found[:LONGEST].strip()


def values_of(*, customer: Any, contact: Any, occasion: str, on: date, years: int | None, sender: Any, company: str, english: bool) -> dict[str, Any]:
    """What the holes stand for, in the language of whoever will read it."""
    name = contact.name if contact is not None else ""
    if english:
        title = {"male": "Mr. ", "female": "Ms. "}.get(contact.gender if contact is not None else "", "")
        salutation = f"{title}{name}" or customer.name_en or customer.name
    else:
        title = {"male": "先生", "female": "女士"}.get(contact.gender if contact is not None else "", "")
        salutation = (f"{name[:1]}{title}" if title and 2 <= len(name) <= 3 else f"{name}{title}") or customer.short_name or customer.name
    return {
        "contact": name, "salutation": salutation, "customer": (customer.name_en if english else "") or customer.name,
        "short_name": customer.short_name or customer.name, "occasion": occasion,
        "day": on.isoformat() if english else f"{on.month} 月 {on.day} 日", "years": years if years is not None else "",
        "sender": str(sender), "company": company,
    }
