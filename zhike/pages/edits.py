"""NewPage and EditPage: the forms of a kind, with version, once-token and conflict handling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from zhike.base.refused import Conflict, Refused
from zhike.records import crud, customs, guard
from zhike.records.attrs import Attr

from . import cells, formats, forms
from .parts import Link, Notice
from .views import PostView, version_in


@dataclass(slots=True)
class EditParts:
    """What `pages/edit.html` and, in the dialog, `pages/form.html` draw."""

    title: Any
    form: Any
    sections: list[tuple[Any, list[str]]]
    submit_label: Any
    cancel_url: str
    post_url: str
    version: int | None = None
    more: list[str] = field(default_factory=list)
    errors: list[tuple[str, Any]] = field(default_factory=list)
    conflict: list[tuple[Any, Any, Any]] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)
    lines: Any = None
    intro: Any = ""
    seen: str = ""


class FormPage(PostView):
    """The common part of new and edit."""

    template = "pages/edit.html"
    fragment = "pages/form.html"
    required: ClassVar[tuple[str, ...]] = ()
    row: Any = None
    form: forms.KindForm

    def attrs(self) -> list[Attr]:
        raise NotImplementedError

    def sections(self) -> list[tuple[Any, list[str]]]:
        return [("", [attr.name for attr in self.attrs()])]

    def more(self) -> list[str]:
        return []

    def required_names(self) -> list[str]:
        """Fields the form asks for: what the table cannot do without, and what the page adds."""
        return [*forms.needed(self.attrs()), *self.required]

    def make_form(self, data: Any = None) -> forms.KindForm:
        start = forms.initial(self.attrs(), self.row) if self.row is not None else self.defaults()
        held = start if self.row is not None else None
        return forms.KindForm(self.kind, self.attrs(), self.user, data, initial=start, required=self.required_names(), held=held)

    def defaults(self) -> dict[str, Any]:
        return forms.from_query(self.attrs(), self.request.GET.dict())

    def parts(self) -> EditParts:
        known = set(self.form.fields)
        return EditParts(
            title=self.title(),
            form=self.form,
            sections=[(title, [name for name in names if name in known]) for title, names in self.sections()],
            more=[name for name in self.more() if name in known],
            submit_label=self.submit_label(),
            cancel_url=self.cancel_url(),
            post_url=self.request.path,
            version=self.version_seen(),
        )

    def title(self) -> Any:
        raise NotImplementedError

    def submit_label(self) -> Any:
        return _("Save")

    def cancel_url(self) -> str:
        return self.kind.url(self.row) if self.row is not None else self.kind.list_url()

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(**kwargs)
        self.form = self.make_form()
        return self.answer(self.parts())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.prepare(**kwargs)
        self.form = self.make_form(request.POST)
        if not self.form.is_valid():
            return self.invalid()
        return super().post(request, *args, **kwargs)

    def prepare(self, **kwargs: Any) -> None:
        """Find the row and check the right; runs for GET and POST alike."""

    def invalid(self, status: int = 422, **more: Any) -> HttpResponse:
        parts = self.parts()
        for name, messages in self.form.errors.items():
            bound = self.form[name] if name in self.form.fields else None
            parts.errors.extend(
                (bound.id_for_label if bound else "", formats.labelled(bound.label, text) if bound else text) for text in messages
            )
        for key, value in more.items():
            setattr(parts, key, value)
        return self.answer(parts, status=status)

    def refused(self, no: Refused) -> HttpResponse:
        if isinstance(no, Conflict):
            return self.conflict(no)
        forms.take_refusal(self.form, no)
        return self.invalid()

    def conflict(self, no: Conflict) -> HttpResponse:
        """409 with both values; the person's own stay in the form, the version moves on."""
        self.row.refresh_from_db()
        rows = []
        for attr in self.attrs():
            mine, theirs = self.form.cleaned_data.get(attr.name), attr.value(self.row)
            if attr.name in self.form.changed_data and (mine or None) != (theirs or None):
                rows.append((attr.label, mine, cells.text(self.kind, attr, self.row, self.access)))
        self.form.add_error(None, str(no.message))
        return self.invalid(status=409, conflict=rows, version=self.row.version)

    def version_seen(self) -> int | None:
        """The version the person has before their eyes: what they sent along, else the record's own.

        A form that comes back with something to mend keeps its version, or what somebody saved meanwhile would be lost.
        """
        if self.row is None:
            return None
        sent = version_in(self.request) if self.form.is_bound else None
        return self.row.version if sent is None else sent

    def posted_version(self) -> int:
        found = version_in(self.request)
        if found is None:
            raise Refused(_("This form is incomplete. Reload the page and try again."), code="version.missing")
        return found


class NewPage(FormPage):
    """The form for a new record: five to seven fields, the rest under "more"."""

    def attrs(self) -> list[Attr]:
        return self.kind.writable([*self.kind.create_names(), *self.kind.more_names()], self.access)

    def sections(self) -> list[tuple[Any, list[str]]]:
        return [("", self.kind.create_names())]

    def more(self) -> list[str]:
        return self.kind.more_names()

    def prepare(self, **kwargs: Any) -> None:
        guard.require(self.user, self.kind, "add")

    def title(self) -> Any:
        return _("New %(kind)s") % {"kind": self.kind.label}

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, self.kind.list_url()), Link(self.title())]

    def submit_label(self) -> Any:
        return _("Create %(kind)s") % {"kind": self.kind.label}

    def required_names(self) -> list[str]:
        return [*super().required_names(), *self.kind.required_names(self.user)]

    def said(self) -> dict[str, bool]:
        """Answers to what the kind asks besides its fields (`crud.flags`)."""
        return {}

    def build(self, values: dict[str, Any]) -> Any:
        return crud.build(self.kind, values, by=self.user)

    def create(self, row: Any) -> Any:
        """Store it; pages that ask for more than fields do more."""
        return crud.create(self.kind, row, by=self.user, **self.said())

    def perform(self) -> str:
        self.row_made = self.create(self.build(self.form.values()))
        return self.kind.url(self.row_made)

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("“%(row)s” created") % {"row": self.row_made}, "tone": "good"}


class EditPage(FormPage):
    """The form of an existing record."""

    def attrs(self) -> list[Attr]:
        return self.kind.writable([name for section in self.kind.all_sections() for name in section.fields], self.access)

    def sections(self) -> list[tuple[Any, list[str]]]:
        return [(section.title, list(section.fields)) for section in self.kind.all_sections()]

    def prepare(self, pk: int = 0, **kwargs: Any) -> None:
        self.row = self.visible_or_404(pk)
        guard.require_rows(self.user, [self.row], "edit")

    def required_names(self) -> list[str]:
        return [*super().required_names(), *customs.required_of(self.kind, self.user)]

    def title(self) -> Any:
        return _("Edit “%(row)s”") % {"row": self.row}

    def crumbs(self) -> list[Link]:
        return [
            Link(self.kind.plural, self.kind.list_url()),
            Link(str(self.row), self.kind.url(self.row)),
            Link(_("Edit")),
        ]

    def change(self, values: dict[str, Any], version: int) -> None:
        crud.change(self.row, values, by=self.user, version=version)

    def perform(self) -> str:
        changed = set(self.form.changed_data)
        values = {name: value for name, value in self.form.values().items() if name in changed}
        self.change(values, self.posted_version())
        return self.kind.url(self.row)

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Saved"), "tone": "good"}


