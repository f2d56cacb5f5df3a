"""The addresses of a kind: list, new, record, tabs, edit, transfer, team."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path

from zhike.records import registry
from zhike.records.imports.importer import importer
from zhike.records.kinds import Kind

from .bulk import BulkEditPage
from .details import DetailPage
from .edits import EditPage, NewPage
from .exports import ExportPage
from .importing.template import TemplatePage
from .in_place import cell_page
from .lists import ListPage
from .ownership import SharePage, TransferPage


def kind_urls(
    name: str,
    *,
    menu: str,
    place: str,
    list_page: type[ListPage] = ListPage,
    detail: type[DetailPage] | None = None,
    new: type[NewPage] | None = NewPage,
    edit: type[EditPage] | None = EditPage,
) -> list[URLPattern]:
    """URL patterns for a kind; give your own page classes where the ready-made ones do not do."""
    kind: Kind = registry.kind(name)
    here: dict[str, Any] = {"kind_name": name, "menu": menu, "place": place}

    def view(page: Any) -> Any:
        given = {key: value for key, value in here.items() if not getattr(page, key, "")}
        return page.as_view(**given)

    slug = kind.slug
    urls = [path(f"{slug}/", view(list_page), name=f"{name}-list")]
    if "export" in kind.actions:
        urls.append(path(f"{slug}/export/", view(ExportPage), name=f"{name}-export"))
    if "import" in kind.actions and importer(name) is not None:
        urls.append(path(f"{slug}/template/", view(TemplatePage), name=f"{name}-template"))
    if new is not None:
        urls.append(path(f"{slug}/new/", view(new), name=f"{name}-new"))
    if kind.owned:
        urls.append(path(f"{slug}/transfer/", view(TransferPage), name=f"{name}-transfer"))
        urls.append(path(f"{slug}/<int:pk>/transfer/", view(TransferPage), name=f"{name}-transfer-one"))
        urls.append(path(f"{slug}/<int:pk>/team/", view(SharePage), name=f"{name}-share"))
    if edit is not None:
        urls.append(path(f"{slug}/change/", view(BulkEditPage), name=f"{name}-change"))
        urls.append(path(f"{slug}/<int:pk>/edit/", view(edit), name=f"{name}-edit"))
        urls.append(path(f"{slug}/<int:pk>/cell/<slug:field>/", view(cell_page(list_page, edit)), name=f"{name}-cell"))
    if detail is not None:
        urls.append(path(f"{slug}/<int:pk>/", view(detail), name=f"{name}-detail"))
        urls.append(path(f"{slug}/<int:pk>/<slug:tab>/", view(detail), name=f"{name}-tab"))
    return urls
