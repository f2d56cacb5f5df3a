"""Recording a contact: from the composer of a customer's or an opportunity's page, and from anywhere."""

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
from zhike.pages.edits import NewPage
from zhike.pages.forms import DateField, DateTimeField
from zhike.pages.views import PostView
from zhike.records import guard, registry
from zhike.records.attrs import Attr

from .. import actions


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


class LogPage(PostView):
    """Record a follow-up, with files, from the composer of a customer's or an opportunity's page."""

    kind_name = "customer"

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
        whom = self.with_whom(given)
        opportunity = whom.get("opportunity")
        coming = datetime.combine(given["next_on"], time(9), tzinfo=clock.zone()) if given["next_on"] else None
        row = actions.log_activity(
            type=given["type"], content=given["content"], by=self.user, **whom,
            result=given["result"], next_contact_at=coming, next_action=given["next_action"], at=given["at"], purpose=given["purpose"],
            place=given["place"])
        self.uploads.attach(row, self.user)
        if opportunity is not None and self.request.POST.get("back") == "opportunity":
            return reverse("opportunity-tab", args=[opportunity.pk, "activities"])
        return self.kind.url(self.row)

    def with_whom(self, given: dict[str, Any]) -> dict[str, Any]:
        """What the follow-up is about, looked up among what the person sees."""
        return {"customer": self.row, "contact": self._one(Contact, given["contact"]), "opportunity": self._one(Opportunity, given["opportunity"])}

    def _one(self, model: Any, pk: int | None) -> Any:
        if not pk:
            return None
        found = model.objects.visible_to(self.user).filter(pk=pk, customer=self.row).first()
        if found is None:
            raise Refused(_("Choose one from the list."))
        return found

    def toast(self) -> dict[str, Any] | None:
        return self.uploads.toast(_("Follow-up saved"))


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
        return self.kind.writable([*self.FIELDS, *self.MORE], self.access)

    def required_names(self) -> list[str]:
        return [name for name in super().required_names() if name != "subject"]

    def sections(self) -> list[tuple[Any, list[str]]]:
        return [("", list(self.FIELDS))]

    def more(self) -> list[str]:
        return list(self.MORE)

    def defaults(self) -> dict[str, Any]:
        return {"type": "phone", **super().defaults()}

    def title(self) -> Any:
        return _("Log a follow-up")

    def submit_label(self) -> Any:
        return _("Save follow-up")

    def perform(self) -> str:
        row = actions.log_activity(**self.form.values(), by=self.user)
        return registry.kind_of(row.partner).url(row.partner)

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Follow-up saved"), "tone": "good"}
