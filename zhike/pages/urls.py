from django.urls import path

from . import conditions, finding, job_pages, personal, reveal, saved_views, set_up, sign_in

urlpatterns = [
    path("sign-in/", set_up.unless_empty(sign_in.SignInView.as_view()), name="sign-in"),
    path("set-up/", set_up.SetUpView.as_view(), name="set-up"),
    path("sign-out/", sign_in.SignOutView.as_view(), name="sign-out"),
    path("language/", sign_in.LanguageView.as_view(), name="language"),
    path("me/preferences/", personal.PreferencesView.as_view(), name="preferences"),
    path("lookup/<slug:kind>/", finding.LookupView.as_view(), name="lookup"),
    path("palette/", finding.PaletteView.as_view(), name="palette"),
    path("conditions/<slug:kind>/", conditions.ConditionsPage.as_view(), name="conditions"),
    path("views/<slug:kind>/new/", saved_views.SaveViewPage.as_view(), name="view-new"),
    path("views/<int:pk>/edit/", saved_views.EditViewPage.as_view(), name="view-edit"),
    path("views/<int:pk>/delete/", saved_views.DeleteViewPage.as_view(), name="view-delete"),
    path("jobs/", job_pages.JobsPage.as_view(), name="jobs"),
    path("jobs/<int:pk>/", job_pages.JobsPage.as_view(), name="job"),
    path("jobs/<int:pk>/cancel/", job_pages.CancelJob.as_view(), name="job-cancel"),
    path("jobs/<int:pk>/retry/", job_pages.RetryJob.as_view(), name="job-retry"),
    path("jobs/<int:pk>/undo/", job_pages.UndoJob.as_view(), name="job-undo"),
    path("jobs/<int:pk>/file/", job_pages.JobFile.as_view(), name="job-file"),
    path("jobs/<int:pk>/reasons/", job_pages.JobReasons.as_view(), name="job-reasons"),
    path("reveal/<slug:kind>/<int:pk>/<slug:field>/", reveal.RevealView.as_view(), name="reveal"),
    path("help/", personal.HelpView.as_view(), name="help"),
    path("undo/<str:signed>/", personal.UndoView.as_view(), name="undo"),
]
