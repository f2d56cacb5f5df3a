from django.urls import path

from . import coverage_page, customers_page, leads_page, lifecycle_page, views

urlpatterns = [
    path("reports/funnel/", views.FunnelPage.as_view(), name="report-funnel"),
    path("reports/coverage/", coverage_page.CoveragePage.as_view(), name="report-coverage"),
    path("reports/customers/", customers_page.CustomersPage.as_view(), name="report-customers"),
    path("reports/leads/", leads_page.LeadsReport.as_view(), name="report-leads"),
    path("reports/lifecycle/", lifecycle_page.LifecyclePage.as_view(), name="report-lifecycle"),
    path("reports/won/", views.WonPage.as_view(), name="report-won"),
]
