"""Dialogs about one's own account."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms as django_forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.pages.actions import ActionParts
from zhike.pages.parts import Link
from zhike.pages.views import PostView, go_to
from zhike.records import once


class OwnAction(PostView):
    """A dialog about one's own account."""

    template, fragment = "people/own_action.html", "pages/confirm.html"
    title_text: ClassVar[Any] = ""
    submit_text: ClassVar[Any] = ""
    lead: ClassVar[Any] = ""
    done_text: ClassVar[Any] = ""
    style: ClassVar[str] = "p"
    form: Any

    def make_form(self, data: Any = None) -> Any:
        return django_forms.Form(data)

    def crumbs(self) -> list[Link]:
        return [Link(_("My account"), reverse("account")), Link(self.title_text)]

    def parts(self) -> ActionParts:
        errors = [(self.form[name].id_for_label if name in self.form.fields else "", text)
                  for name, texts in self.form.errors.items() for text in texts]
        return ActionParts(title=self.title_text, form=self.form, submit_label=self.submit_text, post_url=self.request.path,
                           cancel_url=reverse("account"), text=self.lead, style=self.style, errors=errors)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.form = self.make_form()
        return self.answer(self.parts())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.form = self.make_form(request.POST)
        if not self.form.is_valid():
            return self.answer(self.parts(), status=422)
        return super().post(request)

    def refused(self, no: Refused) -> HttpResponse:
        if no.status != 422:
            raise no
        self.form.add_error(no.field if no.field in self.form.fields else None, str(no.message))
        return self.answer(self.parts(), status=422)

    def toast(self) -> dict[str, Any] | None:
        return {"text": str(self.done_text), "tone": "good"} if self.done_text else None

    def run(self, values: dict[str, Any]) -> None:
        raise NotImplementedError

    def perform(self) -> str:
        self.run(self.form.cleaned_data)
        return reverse("account")


class ProvenAction(OwnAction):
    """A step for which one shows first who one is, by something that counts once.

    It is judged in the transaction that claims the post: the second half of a double click brings the
    same code, waits there for the first and follows it, instead of being told that the code was used.
    That a code was used, or a wrong one tried, stays written down also when nothing else is done.
    """

    def proven(self) -> bool:
        """Whether it is right; else the form says what is wrong."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.form = self.make_form(request.POST)
        if not self.form.is_valid():
            return self.answer(self.parts(), status=422)
        url, no = "", None
        try:
            with transaction.atomic():
                claimed = once.claim(request)
                if self.proven():
                    try:
                        with transaction.atomic():
                            url = self.perform()
                            once.answer(claimed, url)
                    except Refused as refused:
                        url, no = "", refused
                if not url:
                    once.give_back(claimed)
        except once.Repeated as again:
            return go_to(request, again.answer or request.path)
        except Refused as refused:
            no = refused
        if no is not None:
            return self.refused(no)
        if not url:
            return self.answer(self.parts(), status=422)
        self.did_it = True
        return self.done(url)
