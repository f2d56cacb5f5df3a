"""Contacts as address cards, and a card as a new contact."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Refused
from zhike.pages import forms, lists
from zhike.pages.actions import ActionPage
from zhike.pages.edits import EditParts
from zhike.pages.parts import Button, Notice
from zhike.pages.views import PageView
from zhike.records import guard, history

from .. import vcards
from ..models import Contact
from .contacts import NewContactPage


def _file(text: str, name: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/vcard; charset=utf-8")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.vcf"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


class CardFilePage(PageView):
    """One contact as a card, as far as the person sees it."""

    kind_name = "contact"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.visible_or_404(pk)
        return _file(vcards.file_of([row], self.access), str(row))


class CardsFilePage(ActionPage):
    """The chosen contacts in one file: the list asks first, then the file comes. Asks for the right to export."""

    kind_name = "contact"
    menu = "customers"
    place = "contacts"
    permission = "export"
    many = True
    title_text = gettext_lazy("Export as vCard")
    template = "customers/cards_page.html"
    fragment = "customers/cards.html"

    def prepare(self, pk: int | None = None) -> None:
        guard.require(self.user, self.kind, "export")
        self.rows = self._chosen()

    def get(self, request: HttpRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        self.prepare()
        self.form = self.make_form()
        if request.GET.get("file") != "1":
            return self.answer(self.parts())
        rows = list(Contact.objects.filter(pk__in=[row.pk for row in self.rows]).select_related("customer", "region").order_by("sort_name", "pk"))
        history.log_list("contact", "export", by=self.user, args={"rows": len(rows), "format": "vcf"})
        return _file(vcards.file_of(rows, self.access), _("contacts"))

    def parts(self, **more: Any) -> Any:
        parts = super().parts(**more)
        parts.post_url = f"{self.request.path}?file=1&ids={','.join(str(row.pk) for row in self.rows)}"
        parts.submit_label = _("Download %(n)s cards") % {"n": self.n}
        return parts

    def text(self) -> Any:
        return _("One file for telephones and mail programs. Fields that you see masked are left out.")

    def post(self, request: HttpRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        return HttpResponse(status=405)


def _bulk(page: Any) -> list[Button]:
    if page.kind.name != "contact" or not page.access.may("contact", "export"):
        return []
    return [Button(_("vCard"), reverse("contact-cards"), "address-book", "g", dialog=True)]


lists.bulk_buttons.add("vcards", _bulk, order=60)


class CardForm(django_forms.Form):
    file = django_forms.FileField(label=gettext_lazy("Address card (.vcf)"), widget=django_forms.FileInput(attrs={"accept": ".vcf,text/vcard"}))


class FromCardPage(NewContactPage):
    """A card fills the form of a new contact; nothing is stored before the person saves it."""

    kind_name = "contact"
    template = "customers/card.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare()
        return self.ask(CardForm())

    def ask(self, form: Any, status: int = 200) -> HttpResponse:
        self.form = form
        errors = [(form[name].id_for_label, text) for name, texts in form.errors.items() if name in form.fields for text in texts]
        parts = EditParts(title=self.title(), form=form, sections=[], submit_label=_("Read the card"), cancel_url=self.cancel_url(),
                          post_url=self.request.path, errors=errors)
        return self.answer(parts, status=status, fragment="")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.prepare()
        asked = CardForm(request.POST, request.FILES)
        if not asked.is_valid():
            return self.ask(asked, 422)
        file = asked.cleaned_data["file"]
        try:
            found = vcards.read_one(file.read(vcards.MAX_BYTES + 1), file.name, self.user)
        except Refused as no:
            forms.take_refusal(asked, no)
            return self.ask(asked, 422)
        return self.filled(found)

    def filled(self, found: dict[str, Any]) -> HttpResponse:
        """The ordinary form of a new contact with what the card says; it is posted where that form is."""
        page = NewContactPage()
        page.request, page.user = self.request, self.user
        attrs = page.attrs()
        start = {**forms.from_query(attrs, {}), **{attr.name: found[attr.name] for attr in attrs if attr.name in found}}
        page.form = forms.KindForm(self.kind, attrs, self.user, initial=start, required=page.required_names())
        parts = page.parts()
        parts.post_url = self.kind.action_url("new")
        parts.warnings = [Notice(_("Look at what the card says, choose the customer, and save."), "info", "address-book")]
        return page.answer(parts, fragment="")

    def title(self) -> Any:
        return _("New contact from an address card")
