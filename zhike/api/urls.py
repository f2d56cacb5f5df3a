from django.urls import path

from . import views

urlpatterns = [
    path("api/v1/meta", views.MetaView.as_view(), name="api-meta"),
    path("api/v1/reports/funnel", views.FunnelView.as_view(), name="api-funnel"),
    path("api/v1/reports/won", views.WonView.as_view(), name="api-won"),
    path("api/v1/<slug:slug>", views.ListView.as_view(), name="api-list"),
    path("api/v1/<slug:slug>/<str:pk>", views.ItemView.as_view(), name="api-item"),
]
