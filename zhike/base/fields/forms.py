"""Form fields that read what people type: 1,234.50, full-width １２３, a leading ¥; and refuse the rest."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from zhike.base.text import clean_block, clean_line, half_width

from .rounding import WIDE

_TYPED = re.compile(r"([+-]?)(?:[¥￥]\s?)?([+-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,40})?(\.[0-9]{1,40})?", re.ASCII)


def read_number(text: str) -> Decimal | None:
    """The number a person typed, or None when it is not one: thousands separators must stand at
    thousands, so 1.234,50 and 1,2 are refused rather than guessed; so are 1e309, 1万 and 壹万元."""
    found = _TYPED.fullmatch(half_width(text).replace("\uffe5", "¥"))
    if found is None or not (found[3] or found[4]) or (found[1] and found[2]):
        return None
    number = Decimal((found[3] or "0").replace(",", "") + (found[4] or ""))
    return -number if "-" in (found[1], found[2]) and number else number


class ExactFormField(forms.Field):
    """Reads an exact number; `exact` is the model field that knows places and range."""

    widget = forms.TextInput
    default_error_messages = {"invalid": _("Enter a number such as 1,234.50.")}

    def __init__(self, *, exact: Any, **kwargs: Any) -> None:
        self.exact = exact
        kwargs.pop("localize", None)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values:
            return None
        if isinstance(value, str):
            if not half_width(value):
                return None
            value = self.read(value)
        return self.exact.to_python(value)

    def read(self, text: str) -> Decimal:
        number = read_number(text)
        if number is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": text[:60]})
        return number

    def prepare_value(self, value: Any) -> Any:
        """Money with its two places; finer numbers without idle zeros."""
        if not isinstance(value, Decimal):
            return value
        shown = f"{value:f}"
        if self.exact.places <= 2 or "." not in shown:
            return shown
        whole, _dot, places = shown.partition(".")
        places = places.rstrip("0")
        return f"{whole}.{places}" if places else whole

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True

    def widget_attrs(self, widget: Any) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off"}


class PercentFormField(ExactFormField):
    """People type and read 13 or 13 %, the field keeps 0.13."""

    default_error_messages = {"invalid": _("Enter a percentage such as 13 or 12.5 %.")}

    def read(self, text: str) -> Decimal:
        return super().read(half_width(text).removesuffix("%").rstrip()).scaleb(-2, context=WIDE)

    def to_python(self, value: Any) -> Decimal | None:
        try:
            return super().to_python(value)
        except ValidationError as wrong:
            # Limits are said in what the person typed, per cent, not in fractions of one.
            if wrong.code == "places":
                places = {"places": self.exact.places - 2}
                raise ValidationError(self.exact.error_messages["places"], code="places", params=places) from None
            if wrong.code == "range":
                most = f"{self.exact.max_value * 100:,f}".rstrip("0").rstrip(".")
                raise ValidationError(
                    self.exact.error_messages["range"],
                    code="range",
                    params={"low": f"-{most} %", "high": f"{most} %"},
                ) from None
            raise

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Decimal):
            return value
        shown = f"{value.scaleb(2, context=WIDE):f}"
        return shown.rstrip("0").rstrip(".") if "." in shown else shown


class _Cleaned:
    """Takes the invisible out of a text before its length is checked."""

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:  # type: ignore[attr-defined]
            return self.empty_value  # type: ignore[attr-defined]
        return self.tidy(str(value)) or self.empty_value  # type: ignore[attr-defined]

    def tidy(self, text: str) -> str:
        raise NotImplementedError


class CleanLineFormField(_Cleaned, forms.CharField):
    def tidy(self, text: str) -> str:
        return clean_line(text)


class CleanBlockFormField(_Cleaned, forms.CharField):
    widget = forms.Textarea

    def tidy(self, text: str) -> str:
        return clean_block(text)


class HalfWidthFormField(_Cleaned, forms.CharField):
    def tidy(self, text: str) -> str:
        return half_width(text)
