"""The control for a file in a field: the file goes ahead to the store, the form carries its number."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from zhike.base.text import number
from zhike.records import kept_files
from zhike.records.kept_files import KeptFile


class FileBox(forms.Widget):
    """Choose, drop or photograph one file; `frontend/js/held.js` sends it and puts its number into the form."""

    def __init__(self, kind: str, field: str) -> None:
        super().__init__()
        self.kind, self.field = kind, field

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        found = value if isinstance(value, KeptFile) else None
        return Markup(
            '<div class="hold" data-hold="{url}" data-name="{name}" data-failed="{failed}" data-clear-text="{clear}">'
            '<span class="hold-l" data-held>{now}</span><input type="hidden" name="{name}" value="{pk}">'
            '<span class="row-f wrapf"><label class="btn btn-d s up">{choose}<input class="vh" type="file" id="{id}" data-hold-file></label>'
            '<label class="btn btn-d s up monly">{photo}<input class="vh" type="file" accept="image/*" capture="environment" data-hold-file></label>'
            '<progress max="100" value="0" hidden aria-label="{progress}"></progress></span>'
            '<span class="fe" data-said aria-live="polite" hidden></span></div>'
        ).format(
            url=kept_files.keeper().upload_url(self.kind, self.field), name=name, pk=found.id if found else "", id=(attrs or {}).get("id", f"id_{name}"),
            now=chip(found) if found else "", choose=_("Choose a file"), photo=_("Take a photo"), progress=_("Upload under way"),
            failed=_("The file did not arrive. Try again."), clear=_("Take the file out"),
        )

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data


def chip(found: KeptFile) -> Markup:
    """The file in the form, with a button that takes it out."""
    return Markup('<span class="hold-c" data-chip>{}<button type="button" class="ibtn s" data-unhold aria-label="{}">×</button></span>').format(
        link(found), _("Take the file out"))


def link(found: KeptFile) -> Markup:
    """A file as lists and records show it: pictures small, the others by name."""
    keeper = kept_files.keeper()
    if found.picture:
        return Markup('<a class="kf" href="{}" target="_blank" rel="noopener"><img class="kft" src="{}" alt="" loading="lazy"><span>{}</span></a>').format(
            keeper.url(found), keeper.url(found, thumb=True), found.name)
    return Markup('<a class="kf" href="{}" target="_blank" rel="noopener"><span>{}</span></a>').format(keeper.url(found), escape(found.name))


class FileOfField(forms.Field):
    """The number of a file that this person sent ahead for this field, or that the record has already."""

    def __init__(self, kind: str, field: str, user: Any, **more: Any) -> None:
        self.kind, self.field, self.user = kind, field, user
        super().__init__(widget=FileBox(kind, field), **more)

    def prepare_value(self, value: Any) -> Any:
        return self._found(value) if isinstance(value, str) else value

    def _found(self, value: Any) -> KeptFile | None:
        pk = number(str(value.id if isinstance(value, KeptFile) else value or ""))
        return None if pk is None else kept_files.keeper().find(self.kind, self.field, pk, self.user)

    def to_python(self, value: Any) -> KeptFile | None:
        if value in self.empty_values:
            return None
        found = self._found(value)
        if found is None:
            raise ValidationError(_("The file is not here any more, or belongs to another record. Choose it once more."), code="file.gone")
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(initial.id if isinstance(initial, KeptFile) else "") != str(data or "")
