"""What every step shares: the upload (its owner's alone), the path of steps, where the file stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.records import registry
from zhike.records.imports.uploads import store
from zhike.records.imports.uploads.sandbox import Shape
from zhike.records.models import ImportUpload

from ..parts import Button, Fact, Link, Notice, Step
from ..views import PageView

STEPS = ("file", "columns", "check", "result")


@dataclass(slots=True)
class StepParts:
    """What `pages/importing/*.html` draw around the step itself."""

    title: Any
    name: str
    path: list[Step]
    facts: list[Fact] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    errors: list[tuple[str, Any]] = field(default_factory=list)
    post_url: str = ""
    poll_url: str = ""
    form: Any = None
    body: Any = None


def place_of(upload: ImportUpload) -> str:
    """The address of the step a file stands at."""
    if upload.state != ImportUpload.OPEN:
        step = "result"
    elif not upload.shape:
        step = "file"
    elif upload.check_done or upload.check_job is not None:
        step = "check"
    else:
        step = "columns"
    return address(upload, step)


def address(upload: ImportUpload, step: str) -> str:
    return reverse(f"import-{step}", args=[upload.pk])


class StepPage(PageView):
    """One step of one upload. Answers 404 to everybody but its owner, and without the right to import."""

    step: str = ""
    upload: ImportUpload

    def begin(self) -> None:
        self.upload = store.own(self.user, self.kwargs["pk"])
        if not registry.has(self.upload.kind) or not store.may(self.user, self.upload.kind):
            raise Http404

    @property
    def shape(self) -> Shape | None:
        return store.shape_of(self.upload)

    def crumbs(self) -> list[Link]:
        kind = registry.kind(self.upload.kind)
        return [Link(kind.plural, kind.list_url()), Link(_("Imports"), reverse("imports")), Link(self.upload.name)]

    def frame(self, **more: Any) -> StepParts:
        """The head of every step."""
        labels = {"file": _("File"), "columns": _("Columns"), "check": _("Check"), "result": _("Result")}
        here = STEPS.index(self.step)
        over = self.upload.state != ImportUpload.OPEN
        path = []
        for i, name in enumerate(STEPS):
            state = "cur" if i == here else "done" if i < here else "todo"
            reachable = not over and i < here
            path.append(Step(labels[name], state, url=address(self.upload, name) if reachable else ""))
        kind = registry.kind(self.upload.kind)
        title = _("Import: %(kind)s") % {"kind": kind.plural}
        return StepParts(title, self.upload.name, path, **more)
