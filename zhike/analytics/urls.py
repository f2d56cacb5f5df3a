from django.urls import path

from . import views

urlpatterns = [
    path("reports/funnel/", views.FunnelPage.as_view(), name="report-funnel"),
    path("reports/won/", views.WonPage.as_view(), name="report-won"),
]
