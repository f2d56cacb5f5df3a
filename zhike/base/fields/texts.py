"""Text columns that hold only clean text, whichever door it came through."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base.chinese import phones
from zhike.base.text import clean_block, clean_line, half_width

from .forms import CleanBlockFormField, CleanLineFormField, HalfWidthFormField

_TOO_LONG = _("At most %(limit)s characters are possible; these are %(length)s.")


class _CleanMixin:
    """Cleans on assignment by form, on `full_clean` and on every write, bulk writes included."""

    form_field: Any = None

    def tidy(self, text: str) -> str:
        raise NotImplementedError

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)  # type: ignore[misc]
        return self.tidy(value) if isinstance(value, str) else value

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        value = super().pre_save(model_instance, add)  # type: ignore[misc]
        if isinstance(value, str):
            value = self.tidy(value)
            setattr(model_instance, self.attname, value)  # type: ignore[attr-defined]
        return value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        value = super().get_db_prep_save(value, connection)  # type: ignore[misc]
        limit = self.max_length  # type: ignore[attr-defined]
        # SQLite does not keep to varchar(n); the same refusal on both databases.
        if limit is not None and isinstance(value, str) and len(value) > limit:
            raise ValidationError(_TOO_LONG, code="max_length", params={"limit": limit, "length": len(value)})
        return value

    def formfield(self, **kwargs: Any) -> Any:
        if not getattr(self, "choices", None):
            kwargs.setdefault("form_class", self.form_field)
        return super().formfield(**kwargs)  # type: ignore[misc]

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        return name, path.replace("zhike.base.fields.texts.", "zhike.base.fields."), args, kwargs


class CleanCharField(_CleanMixin, models.CharField):
    """One line: trimmed, without control, zero-width and direction characters, composed (NFC)."""

    form_field = CleanLineFormField

    def tidy(self, text: str) -> str:
        return clean_line(text)


class CleanTextField(_CleanMixin, models.TextField):
    """Several lines, as clean as `CleanCharField`; line ends become a newline each."""

    form_field = CleanBlockFormField

    def tidy(self, text: str) -> str:
        return clean_block(text)


class CodeField(CleanCharField):
    """A code: full-width letters, digits and signs are stored half-width, so ＡＢ１ is AB1."""

    form_field = HalfWidthFormField

    def tidy(self, text: str) -> str:
        return half_width(text)


class PhoneField(CodeField):
    """A telephone number in the one form that is stored, compared and searched (13812345678,
    021-12345678); what is no known number stays as typed, half-width. `phones.display` groups it."""

    def tidy(self, text: str) -> str:
        return phones.normalise(half_width(text))
