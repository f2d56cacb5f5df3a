"""Addresses of files and words. The record's own address belongs to its app, so these begin with `about/`."""

from django.urls import URLPattern, path

from zhike.pages.routes import kind_urls
from zhike.records import registry
from zhike.records.kinds import Kind

from .views import comments, files, groups, held, tag_many, tags, trash, trash_many


def _of(kind: Kind) -> list[URLPattern]:
    here, name = f"about/{kind.slug}/<int:pk>", kind.name
    urls = [
        path(f"{here}/attach/", files.AttachPage.as_view(kind_name=name), name=f"{name}-attach"),
        path(f"{here}/comment/", comments.CommentPage.as_view(kind_name=name), name=f"{name}-comment"),
        path(f"{here}/people/", comments.PeoplePage.as_view(kind_name=name), name=f"{name}-people"),
        path(f"{here}/words/", comments.NewWordsPage.as_view(kind_name=name), name=f"{name}-words"),
        path(f"{here}/tags/", tags.TagsOfRowPage.as_view(kind_name=name), name=f"{name}-tags"),
        path(f"about/{kind.slug}/hold/", held.HoldPage.as_view(kind_name=name), name=f"{name}-hold"),
        path(f"about/{kind.slug}/tags/", tag_many.TagManyPage.as_view(kind_name=name), name=f"{name}-tag-many"),
    ]
    if name != "discussion_group":
        urls.append(path(f"{here}/group/", groups.TiePage.as_view(kind_name=name), name=f"{name}-group"))
    if kind.deletable:
        urls.append(path(f"{here}/delete/", trash.DeletePage.as_view(kind_name=name), name=f"{name}-delete"))
        urls.append(path(f"about/{kind.slug}/delete/", trash_many.DeleteManyPage.as_view(kind_name=name), name=f"{name}-delete-many"))
    return urls


urlpatterns = [
    path("files/<int:pk>/", files.FileView.as_view(), name="file"),
    path("files/<int:pk>/remove/", files.RemoveFilePage.as_view(), name="file-remove"),
    path("comments/<int:pk>/edit/", comments.EditCommentPage.as_view(), name="comment-edit"),
    path("comments/<int:pk>/delete/", comments.DeleteCommentPage.as_view(), name="comment-delete"),
    path("comments/<int:pk>/pin/", comments.PinCommentPage.as_view(), name="comment-pin"),
    path("comments/<int:pk>/conclude/", comments.ConcludeCommentPage.as_view(), name="comment-conclude"),
    path("trash/", trash.TrashPage.as_view(), name="trash"),
    path("trash/<int:pk>/restore/", trash.RestorePage.as_view(), name="trash-restore"),
    path("settings/tags/", tags.TagsPage.as_view(), name="tags"),
    path("settings/tags/<int:pk>/", tags.EditTagPage.as_view(), name="tag-edit"),
    path("settings/tags/<int:pk>/merge/", tags.MergeTagPage.as_view(), name="tag-merge"),
    path("discussion-groups/<int:pk>/seen/", groups.SeenPage.as_view(), name="discussion_group-seen"),
    path("discussion-groups/<int:pk>/members/", groups.MembersPage.as_view(), name="discussion_group-members"),
    path("discussion-groups/<int:pk>/switch/", groups.SwitchGroupPage.as_view(), name="discussion_group-switch"),
    path("discussion-groups/<int:pk>/leave/", groups.LeaveGroupPage.as_view(), name="discussion_group-leave"),
    path("discussion-groups/<int:pk>/records/<int:link>/remove/", groups.UntiePage.as_view(), name="discussion_group-untie"),
    *kind_urls("discussion_group", menu="workbench", place="groups", list_page=groups.GroupListPage, detail=groups.GroupPage),
    *[url for kind in registry.kinds() if kind.pages and kind.words for url in _of(kind)],
]
