"""Recording a contact: from the composer of a customer's, a contact's or an opportunity's page, and from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.collab.actions import files
from zhike.customers.models import Contact
from zhike.opportunities.models import Opportunity
from zhike.pages import formats
from zhike.pages.details import DetailPage, detail_class
from zhike.pages.edits import NewPage
from zhike.pages.forms import DateField, DateTimeField
from zhike.pages.views import PostView
from zhike.records import customs, guard, registry
from zhike.records.attrs import Attr
from zhike.records.visibility import owner_fields

from .. import actions
from ..composing import composer, own_form
from ..models import Task

# Whose page a follow-up goes back to where it came from there, and which tab of it; else the customer's.
BACK = {"opportunity": "activities", "contact": ""}


class Uploads:
    """The files of a post: looked at before the transaction, since that takes seconds, and named where they do not pass."""

    def __init__(self, request: HttpRequest, name: str = "files") -> None:
        self.request, self.name = request, name
        self.taken: list[files.Taken] = []
        self.reasons = [str(files.too_large(found).message) for found in getattr(request, "too_large", [])]

    @contextmanager
    def looked_at(self) -> Iterator[None]:
        try:
            sent = self.request.FILES.getlist(self.name)
            for upload in sent[: files.MAX_AT_ONCE]:
                try:
                    self.taken.append(files.take_in(upload.name or "", upload.chunks(), upload.size or 0))
                except Refused as no:
                    self.reasons.append(str(no.message))
            if len(sent) > files.MAX_AT_ONCE:
                self.reasons.append(_("At most %(n)s files at a time; the others were left out.") % {"n": files.MAX_AT_ONCE})
            yield
        finally:
            for found in self.taken:
                found.received.discard()

    def attach(self, row: Any, by: Any) -> None:
        """Hang them on the record; what does not pass is named and does not hold up the rest."""
        for found in self.taken:
            try:
                files.attach_files(row, [found], by=by)
            except Refused as no:
                self.reasons.append(str(no.message))

    def toast(self, text: str) -> dict[str, Any]:
        return {"text": " ".join([text, *self.reasons]), "tone": "bad" if self.reasons else "good"}


def picked_ids(request: HttpRequest) -> list[int]:
    """The colleagues picked from the list after @; numbers that are none are passed over."""
    return [int(text) for text in request.POST.getlist("mention")[:50] if text.isascii() and text.isdigit() and len(text) <= 18]


class LogForm(django_forms.Form):
    """The composer's fields; links are checked against what the person may see."""

    type = django_forms.CharField(max_length=20)
    content = django_forms.CharField(max_length=5000, required=False)
    contact = django_forms.IntegerField(required=False, min_value=1, max_value=2**62)
    opportunity = django_forms.IntegerField(required=False, min_value=1, max_value=2**62)
    result = django_forms.CharField(max_length=20, required=False)
    next_on = DateField(required=False)
    next_action = django_forms.CharField(max_length=200, required=False)
    at = DateTimeField(required=False)
    purpose = django_forms.CharField(max_length=200, required=False)
    place = django_forms.CharField(max_length=120, required=False)
    assignee = django_forms.IntegerField(required=False, min_value=1, max_value=2**62)
    due_on = DateField(required=False)


class LogPage(PostView):
    """Record a follow-up, with files, from the composer of a customer's page or of one that hangs on it (`BACK`)."""

    kind_name = "customer"
    text = ""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        raise Http404

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.row: Any = self.visible_or_404(self.kwargs["pk"])
        guard.require(self.user, registry.kind("activity"), "add")
        self.uploads = Uploads(request)
        with self.uploads.looked_at():
            return super().post(request)

    def perform(self) -> str:
        form = LogForm(self.request.POST)
        if not form.is_valid():
            name, texts = next(iter(form.errors.items()))
            raise Refused(" ".join(str(text) for text in texts), field=name)
        given = form.cleaned_data
        if given["type"] == "task" and self.kind_name == "customer":
            return self._task(given)
        own = own_form(self.user, self.request.POST)
        if not own.is_valid():
            name, texts = next(iter(own.errors.items()))
            raise Refused(formats.labelled(own[name].label, " ".join(str(text) for text in texts)), field=name, code="required")
        whom = self.with_whom(given)
        coming = datetime.combine(given["next_on"], time(9), tzinfo=clock.zone()) if given["next_on"] else None
        row = actions.log_activity(
            type=given["type"], content=given["content"], by=self.user, **whom,
            result=given["result"], next_contact_at=coming, next_action=given["next_action"], at=given["at"], purpose=given["purpose"],
            place=given["place"], own=own.values())
        actions.mention_in(row, picked=picked_ids(self.request), by=self.user)
        self.uploads.attach(row, self.user)
        return self._back(whom)

    def refused(self, no: Refused) -> HttpResponse:
        """The box again with everything that was typed; without a script, the whole page with it."""
        if no.status != 422 or (page := self._page()) is None:
            raise no
        page._said = (self.request.POST, no.message)  # type: ignore[attr-defined]
        if not self.is_fragment:
            return page.show(BACK.get(page.row.KIND, ""), status=422)
        box = composer(page)
        if box is None:
            raise no
        return HttpResponse(box, status=422)

    def _page(self) -> DetailPage | None:
        """The page the box stands on."""
        kind, row = self.kind, self.row
        back = self.request.POST.get("back", "")
        text = self.request.POST.get(back, "") if back in BACK else ""
        if text.isascii() and text.isdigit() and len(text) <= 18:
            kind = registry.kind(back)
            row = kind.visible(self.user).filter(pk=int(text)).first()
        made = detail_class(kind)
        return made.for_row(self.request, row) if made is not None and row is not None else None

    def _back(self, whom: dict[str, Any]) -> str:
        back = self.request.POST.get("back", "")
        row = whom.get(back) if back in BACK else None
        if row is None:
            return self.kind.url(self.row)
        return reverse(f"{back}-tab", args=[row.pk, BACK[back]]) if BACK[back] else registry.kind(back).url(row)

    def with_whom(self, given: dict[str, Any]) -> dict[str, Any]:
        """What the follow-up is about, looked up among what the person sees."""
        return {"customer": self.row, "contact": self._one(Contact, given["contact"]), "opportunity": self._one(Opportunity, given["opportunity"])}

    def _task(self, given: dict[str, Any]) -> str:
        """A duty about this customer, from the same box: the first line is its name, all of it its details."""
        self.text = _("Task given")
        words = given["content"].strip()
        if not words:
            raise Refused(_("Write down what is to be done."), field="content")
        if not given["due_on"]:
            raise Refused(_("Say until when it is to be done."), field="due_on")
        whom = self.with_whom(given)
        about = whom["contact"] if self.request.POST.get("back") == "contact" else None
        owner = registry.kind("user").model.objects.visible_to(self.user).filter(pk=given["assignee"] or self.user.pk).first()
        if owner is None:
            raise Refused(_("Choose one from the list."), field="assignee")
        first = words.split("\n")[0]
        row = Task(title=first[:100], detail=words if words != first[:100] else "", due_at=datetime.combine(given["due_on"], time(18), tzinfo=clock.zone()),
                   customer=self.row, opportunity=whom["opportunity"], about_kind="contact" if about else "", about_id=about.pk if about else None,
                   **owner_fields(owner))
        made = actions.give_tasks([row], by=self.user)[0]
        self.uploads.attach(made, self.user)
        return self._back(whom)

    def _one(self, model: Any, pk: int | None) -> Any:
        if not pk:
            return None
        found = model.objects.visible_to(self.user).filter(pk=pk, customer=self.row).first()
        if found is None:
            raise Refused(_("Choose one from the list."))
        return found

    def toast(self) -> dict[str, Any] | None:
        return self.uploads.toast(self.text or _("Follow-up saved"))


class LogLeadPage(LogPage):
    """Record a follow-up from the composer of a lead's page."""

    kind_name = "lead"

    def with_whom(self, given: dict[str, Any]) -> dict[str, Any]:
        """The lead; people and opportunities are a customer's."""
        return {"lead": self.row}


class LogAnywherePage(NewPage):
    """Record a follow-up from anywhere: the customer is chosen in the form."""

    kind_name = "activity"
    menu = "customers"
    place = "activities"
    required = ("type",)
    FIELDS = ("customer", "lead", "type", "content", "contact", "opportunity", "result", "next_contact_at", "next_action")
    MORE = ("at", "purpose", "place", "subject")

    def attrs(self) -> list[Attr]:
        return self.kind.writable([*self.FIELDS, *self._own(), *self.MORE], self.access)

    def _own(self) -> list[str]:
        return customs.required_of(self.kind, self.user)

    def required_names(self) -> list[str]:
        return [name for name in super().required_names() if name != "subject"]

    def sections(self) -> list[tuple[Any, list[str]]]:
        return [("", [*self.FIELDS, *self._own()])]

    def more(self) -> list[str]:
        return list(self.MORE)

    def defaults(self) -> dict[str, Any]:
        return {"type": "phone", **super().defaults()}

    def title(self) -> Any:
        return _("Log a follow-up")

    def submit_label(self) -> Any:
        return _("Save follow-up")

    def perform(self) -> str:
        given, own = customs.split(self.form.values())
        row = actions.log_activity(**given, own=own, by=self.user)
        return registry.kind_of(row.partner).url(row.partner)

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Follow-up saved"), "tone": "good"}
