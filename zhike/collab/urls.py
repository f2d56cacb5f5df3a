"""Addresses of files and words. The record's own address belongs to its app, so these begin with `about/`."""

from django.urls import URLPattern, path

from zhike.records import registry
from zhike.records.kinds import Kind

from .views import files


def _of(kind: Kind) -> list[URLPattern]:
    here = f"about/{kind.slug}/<int:pk>"
    return [
        path(f"{here}/attach/", files.AttachPage.as_view(kind_name=kind.name), name=f"{kind.name}-attach"),
    ]


urlpatterns = [
    path("files/<int:pk>/", files.FileView.as_view(), name="file"),
    path("files/<int:pk>/remove/", files.RemoveFilePage.as_view(), name="file-remove"),
    *[url for kind in registry.kinds() if kind.pages for url in _of(kind)],
]
