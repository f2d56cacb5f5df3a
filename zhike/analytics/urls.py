from django.urls import path

from . import leads_page, lifecycle_page, views

urlpatterns = [
    path("reports/funnel/", views.FunnelPage.as_view(), name="report-funnel"),
    path("reports/leads/", leads_page.LeadsReport.as_view(), name="report-leads"),
    path("reports/lifecycle/", lifecycle_page.LifecyclePage.as_view(), name="report-lifecycle"),
    path("reports/won/", views.WonPage.as_view(), name="report-won"),
]
