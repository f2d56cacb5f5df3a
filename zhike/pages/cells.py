"""Values as safe HTML, one renderer per field type.

A list asks for its renderers once and then runs them over the rows, so that the inner loop is
string work only: no template, no query, no rights check per cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from zhike.base.chinese import phones
from zhike.org.access import Access
from zhike.records import options, registry
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind

from . import file_field, formats
from .parts import NOTHING

DASH = NOTHING
AVATARS = "abcde"


def badge(text: Any, tone: str = "neutral", *, dot: bool = True) -> Markup:
    return Markup(f'<span class="bg {escape(tone)}">{"<i></i>" if dot else ""}{escape(text)}</span>')


def person(user: Any) -> Markup:
    """A colleague: a coloured initial and the name."""
    if user is None:
        return DASH
    name = str(user)
    return Markup(
        f'<span class="who"><span class="av s {AVATARS[user.pk % 5]}" aria-hidden="true">{escape(name[:1])}</span>'
        f"<span>{escape(name)}</span></span>"
    )


def linked(rows: Iterable[Any], attr: Attr, user: Any) -> frozenset[int]:
    """Ids behind a link field that the person may open; one query for the whole list."""
    ids = {value.pk for row in rows if (value := attr.value(row)) is not None}
    if not ids or not attr.to or not registry.has(attr.to):
        return frozenset()
    kind = registry.kind(attr.to)
    if not kind.pages:
        return frozenset()
    return frozenset(kind.model.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))


def masked(attr: Attr, value: Any) -> str:
    """What is left of a value for people who see it masked."""
    if attr.mask is not None:
        return attr.mask(value)
    return "***"


def renderer(kind: Kind, attr: Attr, access: Access, links: frozenset[int] = frozenset(), *, near: bool = True) -> Callable[[Any], Markup]:
    """The function row → safe HTML for one field. `near`: a moment long past is told by its day alone, as lists do."""
    show = _shower(kind, attr, access, links, near=near)
    if access.field_mode(kind.name, attr.name) == "mask":
        return lambda row: DASH if attr.value(row) in (None, "") else escape(masked(attr, attr.value(row)))

    def cell(row: Any) -> Markup:
        value = attr.value(row)
        return DASH if value is None or value == "" else show(value)

    return cell


def _shower(kind: Kind, attr: Attr, access: Access, links: frozenset[int], *, near: bool) -> Callable[[Any], Markup]:
    lang = get_language() or "zh-hans"
    if attr.shown is not None:
        own = attr.shown
        return lambda value: escape(own(value))
    match attr.type:
        case "money":
            return lambda value: Markup(formats.money(value, lang))
        case "price":
            return lambda value: Markup(formats.price(value, lang))
        case "quantity":
            return lambda value: Markup(formats.quantity(value, lang))
        case "percent":
            return lambda value: Markup(formats.pct(value, lang))
        case "int":
            return lambda value: Markup(f"{value:,}")
        case "date":
            return lambda value: Markup(f'<span class="tn">{formats.d(value, lang)}</span>')
        case "datetime":
            told = formats.near if near else formats.moment
            return lambda value: Markup(
                f'<time class="tn" datetime="{value.isoformat()}" title="{formats.full(value, lang)}">{told(value, lang)}</time>'
            )
        case "bool":
            return lambda value: escape(_("yes") if value else _("no"))
        case "user":
            return person
        case "choice":
            labels = {code: capfirst(str(label)) for code, label in attr.choices}
            if attr.tones:
                return _once(lambda value: badge(labels.get(value, value), attr.tones.get(value, "neutral")))
            return lambda value: escape(labels.get(value, value))
        case "multi":
            several = {code: capfirst(str(label)) for code, label in attr.choices}
            return lambda value: escape(formats.listed(str(several.get(code, code)) for code in value))
        case "option":
            named = {code: capfirst(label) for code, label in options.labels(attr.dictionary, lang).items()}
            if attr.tones:
                return _once(lambda value: badge(named.get(value, value), attr.tones.get(value, "neutral")))
            return lambda value: escape(named.get(value, value))
        case "ref":
            target = registry.kind(attr.to) if attr.to and registry.has(attr.to) else None
            if target is None or not target.pages:
                return lambda value: escape(str(value))
            return lambda value: (
                Markup(f'<a href="{target.url(value.pk)}">{escape(str(value))}</a>')
                if value.pk in links
                else escape(str(value))
            )
        case "url":
            return _web_link
        case "file":
            return file_field.link
        case "email":
            return lambda value: Markup('<a href="mailto:{}">{}</a>').format(value, value)
        case "long":
            return lambda value: Markup('<span class="pre">{}</span>').format(value)
    return lambda value: escape(str(value))


def _once(show: Callable[[Any], Markup]) -> Callable[[Any], Markup]:
    """For values of which a list has few different ones: each is drawn once."""
    drawn: dict[Any, Markup] = {}

    def cell(value: Any) -> Markup:
        found = drawn.get(value)
        if found is None:
            found = drawn[value] = show(value)
        return found

    return cell


def _web_link(value: str) -> Markup:
    # Only what the browser opens as a page: a stored "javascript:" address must stay dead text.
    if not value.startswith(("http://", "https://")):
        return escape(value)
    return Markup('<a href="{}" rel="noreferrer noopener" target="_blank">{}</a>').format(value, value)


def text(kind: Kind, attr: Attr, row: Any, access: Access) -> Markup:
    """One value outside a list, e.g. on a record page."""
    return renderer(kind, attr, access, linked([row], attr, access.user) if attr.type == "ref" else frozenset(), near=False)(row)


def fact(kind: Kind, attr: Attr, row: Any, access: Access) -> Markup:
    """One value among the facts of a record: as `text`, and a telephone number calls."""
    if is_phone(attr) and access.field_mode(kind.name, attr.name) != "mask" and (value := attr.value(row)):
        return calls(str(value))
    return text(kind, attr, row, access)


def in_full(kind: Kind, attr: Attr, row: Any, access: Access) -> Markup:
    """One value whatever the person's roles mask; only `reveal` may ask for it."""
    value = attr.value(row)
    if value is None or value == "":
        return DASH
    return calls(str(value)) if is_phone(attr) else _shower(kind, attr, access, frozenset(), near=False)(value)


def is_phone(attr: Attr) -> bool:
    """Whether a field holds telephone numbers."""
    return attr.type == "phone" or attr.mask is phones.mask


def calls(numbers: str) -> Markup:
    """Telephone numbers as links that call them; what is no number stays text."""
    return Markup(" / ").join(
        Markup('<a class="tel tn" href="tel:{}">{}</a>').format(to, number) if (to := phones.dial(number)) else escape(number)
        for number in phones.split(numbers) or [numbers]
    )


def renderers(
    kind: Kind, attrs: Sequence[Attr], rows: Sequence[Any], access: Access
) -> list[Callable[[Any], Markup]]:
    return [
        renderer(kind, attr, access, linked(rows, attr, access.user) if attr.type == "ref" else frozenset())
        for attr in attrs
    ]
