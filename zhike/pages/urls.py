from django.urls import path

from . import common

urlpatterns = [
    path("sign-in/", common.SignInView.as_view(), name="sign-in"),
    path("sign-out/", common.SignOutView.as_view(), name="sign-out"),
    path("language/", common.LanguageView.as_view(), name="language"),
    path("me/preferences/", common.PreferencesView.as_view(), name="preferences"),
    path("lookup/<slug:kind>/", common.LookupView.as_view(), name="lookup"),
    path("palette/", common.PaletteView.as_view(), name="palette"),
    path("help/", common.HelpView.as_view(), name="help"),
    path("undo/<str:signed>/", common.UndoView.as_view(), name="undo"),
]
