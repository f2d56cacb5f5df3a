"""Addresses of files and words. The record's own address belongs to its app, so these begin with `about/`."""

from django.urls import URLPattern, path

from zhike.records import registry
from zhike.records.kinds import Kind

from .views import comments, files


def _of(kind: Kind) -> list[URLPattern]:
    here, name = f"about/{kind.slug}/<int:pk>", kind.name
    return [
        path(f"{here}/attach/", files.AttachPage.as_view(kind_name=name), name=f"{name}-attach"),
        path(f"{here}/comment/", comments.CommentPage.as_view(kind_name=name), name=f"{name}-comment"),
        path(f"{here}/people/", comments.PeoplePage.as_view(kind_name=name), name=f"{name}-people"),
        path(f"{here}/words/", comments.NewWordsPage.as_view(kind_name=name), name=f"{name}-words"),
    ]


urlpatterns = [
    path("files/<int:pk>/", files.FileView.as_view(), name="file"),
    path("files/<int:pk>/remove/", files.RemoveFilePage.as_view(), name="file-remove"),
    path("comments/<int:pk>/edit/", comments.EditCommentPage.as_view(), name="comment-edit"),
    path("comments/<int:pk>/delete/", comments.DeleteCommentPage.as_view(), name="comment-delete"),
    *[url for kind in registry.kinds() if kind.pages for url in _of(kind)],
]
