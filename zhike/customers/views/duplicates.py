"""Hits of the duplicate check on forms: shown, and answered with "all the same" where the house only warns."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms as django_forms
from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.pages import formats
from zhike.pages.parts import Button, Notice
from zhike.records import registry

from .. import duplicates
from ..duplicates import policy
from ..duplicates.words import VERDICTS


class DespiteMixin:
    """A form that shows what may be the same record and asks before it goes on."""

    despite_text: ClassVar[Any] = ""
    hits: list[duplicates.Match] = []

    def make_form(self, data: Any = None) -> Any:
        form = super().make_form(data)  # type: ignore[misc]
        if data is not None and "despite" in data:
            self._ask(form)
        return form

    def _ask(self, form: Any) -> None:
        form.fields["despite"] = django_forms.BooleanField(label=self.despite_text, required=False)

    def despite(self) -> bool:
        return bool(self.form.cleaned_data.get("despite"))  # type: ignore[attr-defined]

    def refused(self, no: Refused) -> HttpResponse:
        if no.code == "duplicate":
            self.hits = no.items
            rules = policy.current()
            asks = all(hit.level(rules) != policy.FORBID for hit in self.hits)
            if not asks:
                self.form.fields.pop("despite", None)  # type: ignore[attr-defined]
            elif "despite" not in self.form.fields:  # type: ignore[attr-defined]
                self._ask(self.form)  # type: ignore[attr-defined]
        return super().refused(no)  # type: ignore[misc,no-any-return]

    def sections(self) -> list[tuple[Any, list[str]]]:
        sections = super().sections()  # type: ignore[misc]
        return [*sections, ("", ["despite"])] if "despite" in self.form.fields else sections  # type: ignore[attr-defined]

    def parts(self) -> Any:
        parts = super().parts()  # type: ignore[misc]
        parts.warnings = [hit_notice(hit) for hit in self.hits]
        return parts


def hit_notice(hit: duplicates.Match) -> Notice:
    """One hit in words: openly for those who may see it, masked for the others."""
    lang = get_language() or "zh-hans"
    text = _("%(name)s · owner %(owner)s, %(dept)s · %(why)s") % {
        "name": hit.name, "owner": hit.owner or "—", "dept": hit.department or "—", "why": " · ".join(hit.texts()),
    }
    if hit.last_contact:
        text += " · " + _("last contact %(when)s") % {"when": formats.near(hit.last_contact, lang)}
    if not hit.enabled:
        text += " · " + _("disabled")
    label, tone = VERDICTS[hit.verdict]
    button = Button(_("Open"), registry.kind_of(hit.row).url(hit.row), style="t") if hit.row is not None else None
    return Notice(formats.labelled(label, text), tone, "users", button)
