from django.urls import path

from zhike.pages.routes import kind_urls

from . import views

urlpatterns = [
    path("customers/<int:pk>/log/", views.LogPage.as_view(), name="customer-log"),
    path("activities/log/", views.LogAnywherePage.as_view(), name="activity-log"),
    path("activities/<int:pk>/finish/", views.FinishPage.as_view(), name="activity-finish"),
    path("activities/<int:pk>/cancel/", views.CancelPage.as_view(), name="activity-cancel"),
    path("activities/<int:pk>/quick/", views.QuickPage.as_view(), name="activity-quick"),
    path("tasks/<int:pk>/step/<slug:move>/", views.TaskStepPage.as_view(), name="task-step"),
    *kind_urls("activity", menu="customers", place="activities", detail=views.ActivityPage),
    *kind_urls("task", menu="workbench", place="tasks", detail=views.TaskPage),
]
