from django.urls import path

from . import finding, job_pages, personal, reveal, saved_views, set_up, sign_in
from .importing import columns, reading, running, start

urlpatterns = [
    path("sign-in/", set_up.unless_empty(sign_in.SignInView.as_view()), name="sign-in"),
    path("set-up/", set_up.SetUpView.as_view(), name="set-up"),
    path("sign-out/", sign_in.SignOutView.as_view(), name="sign-out"),
    path("language/", sign_in.LanguageView.as_view(), name="language"),
    path("me/preferences/", personal.PreferencesView.as_view(), name="preferences"),
    path("lookup/<slug:kind>/", finding.LookupView.as_view(), name="lookup"),
    path("palette/", finding.PaletteView.as_view(), name="palette"),
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
    path("imports/", start.ImportsPage.as_view(), name="imports"),
    path("imports/new/<slug:kind>/", start.NewImportPage.as_view(), name="import-new"),
    path("imports/<int:pk>/", running.ImportPlace.as_view(), name="import"),
    path("imports/<int:pk>/file/", reading.FilePage.as_view(), name="import-file"),
    path("imports/<int:pk>/columns/", columns.ColumnsPage.as_view(), name="import-columns"),
    path("imports/<int:pk>/check/", running.CheckPage.as_view(), name="import-check"),
    path("imports/<int:pk>/result/", running.ResultPage.as_view(), name="import-result"),
    path("imports/<int:pk>/rows/", running.RowsFile.as_view(), name="import-rows"),
    path("imports/<int:pk>/cancel/", running.CancelImport.as_view(), name="import-cancel"),
    path("imports/<int:pk>/retry/", running.RetryImport.as_view(), name="import-retry"),
    path("imports/<int:pk>/undo/", running.UndoImport.as_view(), name="import-undo"),
    path("imports/<int:pk>/delete/", running.DeleteImport.as_view(), name="import-delete"),
]
