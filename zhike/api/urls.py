from django.urls import path

from . import openapi, pages, records, reports, words

urlpatterns = [
    path("help/api/", pages.ApiHelpPage.as_view(), name="api-help"),
    path("api/v1/meta", openapi.MetaView.as_view(), name="api-meta"),
    path("api/v1/openapi.json", openapi.OpenApiView.as_view(), name="api-openapi"),
    path("api/v1/reports/funnel", reports.FunnelView.as_view(), name="api-funnel"),
    path("api/v1/reports/lifecycle", reports.LifecycleView.as_view(), name="api-lifecycle"),
    path("api/v1/reports/won", reports.WonView.as_view(), name="api-won"),
    path("api/v1/<slug:slug>", records.ListView.as_view(), name="api-list"),
    path("api/v1/<slug:slug>/batch", records.BatchView.as_view(), name="api-batch"),
    path("api/v1/<slug:slug>/<str:pk>", records.ItemView.as_view(), name="api-item"),
    path("api/v1/<slug:slug>/<str:pk>/files", words.FilesView.as_view(), name="api-files"),
    path("api/v1/<slug:slug>/<str:pk>/files/<int:number>", words.FileView.as_view(), name="api-file"),
    path("api/v1/<slug:slug>/<str:pk>/comments", words.CommentsView.as_view(), name="api-comments"),
    path("api/v1/<slug:slug>/<str:pk>/comments/<int:number>", words.CommentView.as_view(), name="api-comment"),
    path("api/v1/<slug:slug>/<str:pk>/<slug:name>", records.CallView.as_view(), name="api-call"),
]
