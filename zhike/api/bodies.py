"""What a program sends: read strictly, turned into what a form takes, and judged by the form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.pages.forms import DateField, DateTimeField, KindForm, LookupField, initial
from zhike.records import options, registry
from zhike.records.attrs import LINKS, NUMBERS, Attr
from zhike.records.calls import Call, Param
from zhike.records.kinds import Kind

MAX_BYTES = 2 * 1024 * 1024
MAX_LINES = 200


def read(request: HttpRequest) -> dict[str, Any]:
    """The body, a JSON object of at most 2 MB. Raises `Refused` for anything else."""
    body = request.body
    if body and request.content_type != "application/json":
        raise Refused(_("Send JSON: Content-Type: application/json."), code="body.type")
    if len(body) > MAX_BYTES:
        raise Refused(_("The body is larger than %(n)s MB.") % {"n": MAX_BYTES // 1024 // 1024}, code="body.size")
    if not body:
        return {}
    try:
        found = json.loads(
            body.decode("utf-8"), parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_no_doubles
        )
    except RecursionError:
        raise Refused(_("The body is nested too deeply."), code="body.json") from None
    except ValueError as wrong:  # not UTF-8, not JSON, a number of a thousand digits
        raise Refused(_("The body is not valid JSON: %(why)s") % {"why": str(wrong)[:200]}, code="body.json") from None
    if not isinstance(found, dict):
        raise Refused(_("The body is a JSON object."), code="body.json")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in an object")
    return found


def _wrong(name: str, text: Any) -> Refused:
    return Refused(f"{name}: {text}", code="invalid", field=name)


def simple(name: str, type: str, value: Any) -> Any:
    """One JSON value as a form takes it. Raises `Refused` naming the field and the form expected."""
    if value is None:
        return ""
    if type in LINKS or type == "file":
        if isinstance(value, dict):
            value = value.get("id")
        if not isinstance(value, int) or isinstance(value, bool):
            raise _wrong(name, _("give the id of the record, a whole number, or null."))
        return value
    if type == "bool":
        if not isinstance(value, bool):
            raise _wrong(name, _("give true or false."))
        return value
    if type == "multi":
        if not isinstance(value, list) or not all(isinstance(code, str) for code in value) or len(value) > 100:
            raise _wrong(name, _("give a list of codes."))
        return value
    if type in NUMBERS:
        if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)) or len(str(value)) > 40:
            raise _wrong(name, _("give a number, or a text with one."))
        return str(value)
    if not isinstance(value, str):
        raise _wrong(name, _("give a text."))
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise _wrong(name, _("the text holds half a character."))
    return _moment(name, value) if type == "datetime" and value else value


def _moment(name: str, value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise _wrong(name, _("give a time with its offset, such as 2026-11-25T09:30:00+08:00."))
    return found


def _only(given: Mapping[str, Any], known: Sequence[str]) -> None:
    unknown = next((name for name in given if name not in known), None)
    if unknown is not None:
        raise Refused(
            _("“%(key)s” cannot be set. Possible: %(list)s") % {"key": unknown[:60], "list": ", ".join(known)},
            code="field.unknown", field=unknown[:60],
        )


def _judge(form: forms.Form) -> None:
    if form.is_valid():
        return
    name, texts = next(iter(form.errors.items()))
    label = form[name].label if name in form.fields else ""
    text = " ".join(str(text) for text in texts)
    raise Refused(f"{label}: {text}" if label else text, code="invalid", field=None if name == "__all__" else name)


def values(
    kind: Kind, attrs: Sequence[Attr], given: Mapping[str, Any], user: Any, *, required: Sequence[str] = (), row: Any = None
) -> dict[str, Any]:
    """The values of the named fields as an action takes them; `required` must be among them.

    A retired choice that `row` holds may be sent back.

    What is not named is not touched. Raises `Refused` for the first field at fault.
    """
    _only(given, [attr.name for attr in attrs])
    asked = [attr for attr in attrs if attr.name in given or attr.name in required]
    data = {attr.name: simple(attr.name, attr.type, given[attr.name]) for attr in asked if attr.name in given}
    held = initial(asked, row) if row is not None else None
    form = KindForm(kind, asked, user, data, required=required, held=held)
    _judge(form)
    return form.values()


def arguments(call: Call, row: Any, given: Mapping[str, Any], user: Any) -> dict[str, Any]:
    """What an action is called with. What is left out keeps the action's own default."""
    _only(given, [param.name for param in call.params])
    form, data = forms.Form(), {}
    lines: dict[str, list[Any]] = {}
    for param in call.params:
        if param.name not in given and not param.required:
            continue
        if param.type == "lines":
            lines[param.name] = _lines(param, given.get(param.name), user)
            continue
        form.fields[param.name] = _field(param, row, user)
        if param.required and param.name not in given:
            raise _wrong(param.name, _("it is needed."))
        if param.name in given:
            data[param.name] = simple(param.name, param.type, given[param.name])
    form.data, form.is_bound = data, True
    _judge(form)
    return {**form.cleaned_data, **lines}


def _one_of(rows: Any, **common: Any) -> forms.Field:
    """One of these records, which are a queryset or known already."""
    common["error_messages"] = {"invalid_choice": _("Choose one from the list.")}
    if isinstance(rows, QuerySet):
        return forms.ModelChoiceField(rows, **common)
    known = {str(row.pk): row for row in rows}
    return forms.TypedChoiceField(choices=[(pk, pk) for pk in known], coerce=known.__getitem__, empty_value=None, **common)


def _field(param: Param, row: Any, user: Any) -> forms.Field:
    common: dict[str, Any] = {"label": param.name, "required": param.required}
    match param.type:
        case "ref":
            if param.pick is not None:
                return _one_of(param.pick(row, user), **common)
            return LookupField(registry.kind(param.to), user, **common)
        case "bool":
            return forms.NullBooleanField(**common)
        case "int":
            return forms.IntegerField(min_value=-(2**31), max_value=2**31 - 1, **common)
        case "money":
            return forms.DecimalField(max_digits=18, decimal_places=2, **common)
        case "date":
            return DateField(**common)
        case "datetime":
            return DateTimeField(**common)
    choices = codes(param)
    if choices:
        return forms.ChoiceField(choices=[("", "—"), *choices], **common)
    return forms.CharField(max_length=5000, **common)


def codes(param: Param) -> list[tuple[str, Any]]:
    """The codes a text of an action may be; empty where any text will do."""
    if param.dictionary:
        return list(options.labels(param.dictionary, get_language() or "zh-hans", enabled_only=True).items())
    return list(param.choices)


def _lines(param: Param, given: Any, user: Any) -> list[Any]:
    if not isinstance(given, list) or not all(isinstance(line, dict) for line in given):
        raise _wrong(param.name, _("give a list of objects."))
    if len(given) > MAX_LINES:
        raise _wrong(param.name, _("At most %(n)s lines.") % {"n": MAX_LINES})
    attrs = line_attrs(param)
    made = []
    for number, line in enumerate(given, 1):
        try:
            made.append(param.model(**{"line_no": 0, **values(None, attrs, line, user)}))  # type: ignore[arg-type]
        except Refused as no:
            raise Refused(_("Line %(n)s: %(why)s") % {"n": number, "why": no.message}, code=no.code, field=param.name) from None
    return made


def line_attrs(param: Param) -> list[Attr]:
    return [Attr(name).bind(param.model) for name in param.fields]
