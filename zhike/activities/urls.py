from django.urls import path

from zhike.pages.routes import kind_urls

from .views import activities, calendar, check_in, feeds, follow_ups, statistics, tasks, worklogs

urlpatterns = [
    path("calendar/", calendar.CalendarPage.as_view(), name="calendar"),
    path("calendar/address/", feeds.AddressPage.as_view(), name="calendar-address"),
    path("calendar/import/", feeds.ImportPage.as_view(), name="calendar-import"),
    path("calendar/feed/<str:secret>.ics", feeds.FeedView.as_view(), name="calendar-feed"),
    path("customers/<int:pk>/log/", follow_ups.LogPage.as_view(), name="customer-log"),
    path("leads/<int:pk>/log/", follow_ups.LogLeadPage.as_view(), name="lead-log"),
    path("leads/<int:pk>/check-in/", check_in.CheckInAtLeadPage.as_view(), name="lead-check-in"),
    path("customers/<int:pk>/check-in/", check_in.CheckInAtPage.as_view(), name="customer-check-in"),
    path("customers/<int:pk>/on-the-map/", check_in.CustomerMapPage.as_view(), name="customer-map"),
    path("reports/duty/", statistics.DutyPage.as_view(), name="report-duty"),
    path("settings/activities/", statistics.RulesPage.as_view(), name="activity-rules"),
    path("activities/log/", follow_ups.LogAnywherePage.as_view(), name="activity-log"),
    path("activities/<int:pk>/check-in/", check_in.CheckInPage.as_view(), name="activity-check-in"),
    path("activities/<int:pk>/take-place/", activities.TakePlacePage.as_view(), name="activity-take-place"),
    path("activities/<int:pk>/map/", activities.MapPage.as_view(), name="activity-map"),
    path("activities/<int:pk>/finish/", activities.FinishPage.as_view(), name="activity-finish"),
    path("activities/<int:pk>/cancel/", activities.CancelPage.as_view(), name="activity-cancel"),
    path("activities/<int:pk>/move/", activities.MovePage.as_view(), name="activity-move"),
    path("activities/<int:pk>/party/", activities.PartyPage.as_view(), name="activity-party"),
    path("activities/<int:pk>/quick/", activities.QuickPage.as_view(), name="activity-quick"),
    path("tasks/<int:pk>/checklist/", tasks.ChecklistPage.as_view(), name="task-checklist"),
    path("tasks/<int:pk>/tick/", tasks.TickPage.as_view(), name="task-tick"),
    path("tasks/<int:pk>/followers/", tasks.FollowersPage.as_view(), name="task-followers"),
    path("tasks/<int:pk>/due/", tasks.DuePage.as_view(), name="task-due"),
    path("tasks/<int:pk>/step/<slug:move>/", tasks.TaskStepPage.as_view(), name="task-step"),
    path("work-logs/<int:pk>/step/<slug:move>/", worklogs.StepPage.as_view(), name="worklog-step"),
    path("work-logs/<int:pk>/refresh/", worklogs.RefreshPage.as_view(), name="worklog-refresh"),
    path("work-logs/<int:pk>/readers/", worklogs.ReadersPage.as_view(), name="worklog-readers"),
    *kind_urls("worklog", menu="workbench", place="worklogs", detail=worklogs.WorkLogPage, new=worklogs.NewWorkLogPage,
               edit=worklogs.EditWorkLogPage),
    *kind_urls("activity", menu="customers", place="activities", detail=activities.ActivityPage, new=activities.NewActivityPage),
    *kind_urls("task", menu="workbench", place="tasks", detail=tasks.TaskPage, new=tasks.NewTaskPage),
]
