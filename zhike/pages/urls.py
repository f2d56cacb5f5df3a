from django.urls import path

from . import finding, personal, reveal, saved_views, sign_in

urlpatterns = [
    path("sign-in/", sign_in.SignInView.as_view(), name="sign-in"),
    path("sign-out/", sign_in.SignOutView.as_view(), name="sign-out"),
    path("language/", sign_in.LanguageView.as_view(), name="language"),
    path("me/preferences/", personal.PreferencesView.as_view(), name="preferences"),
    path("lookup/<slug:kind>/", finding.LookupView.as_view(), name="lookup"),
    path("palette/", finding.PaletteView.as_view(), name="palette"),
    path("views/<slug:kind>/new/", saved_views.SaveViewPage.as_view(), name="view-new"),
    path("views/<int:pk>/edit/", saved_views.EditViewPage.as_view(), name="view-edit"),
    path("views/<int:pk>/delete/", saved_views.DeleteViewPage.as_view(), name="view-delete"),
    path("reveal/<slug:kind>/<int:pk>/<slug:field>/", reveal.RevealView.as_view(), name="reveal"),
    path("help/", personal.HelpView.as_view(), name="help"),
    path("undo/<str:signed>/", personal.UndoView.as_view(), name="undo"),
]
