"""Addresses of public forms and of assignment rules."""

from django.urls import path

from .views import forms, public, rules

urlpatterns = [
    path("f/<slug:slug>/", public.FormView.as_view(), name="public-form"),
    path("f/<slug:slug>/thanks/", public.ThanksView.as_view(), name="public-form-thanks"),
    path("lead-forms/", forms.FormList.as_view(), name="lead_form-list"),
    path("lead-forms/new/", forms.NewFormPage.as_view(), name="lead_form-new"),
    path("lead-forms/<int:pk>/edit/", forms.EditFormPage.as_view(), name="lead_form-edit"),
    path("lead-forms/<int:pk>/switch/", forms.SwitchFormPage.as_view(), name="lead_form-switch"),
    path("lead-forms/<int:pk>/renew/", forms.RenewAddressPage.as_view(), name="lead_form-renew"),
    path("lead-forms/<int:pk>/qr/", forms.QrView.as_view(), name="lead_form-qr"),
    path("lead-forms/<int:pk>/card/", forms.CardView.as_view(), name="lead_form-card"),
    path("lead-forms/<int:pk>/", forms.FormPage.as_view(), name="lead_form-detail"),
    path("lead-forms/<int:pk>/<slug:tab>/", forms.FormPage.as_view(), name="lead_form-tab"),
    path("assign-rules/", rules.RuleList.as_view(), name="assign_rule-list"),
    path("assign-rules/new/", rules.NewRulePage.as_view(), name="assign_rule-new"),
    path("assign-rules/try/", rules.TryPage.as_view(), name="assign_rule-try"),
    path("assign-rules/<int:pk>/edit/", rules.EditRulePage.as_view(), name="assign_rule-edit"),
    path("assign-rules/<int:pk>/move/<slug:way>/", rules.MoveRulePage.as_view(), name="assign_rule-move"),
    path("assign-rules/<int:pk>/remove/", rules.RemoveRulePage.as_view(), name="assign_rule-remove"),
    path("leads/by-rules/", rules.ByRulesPage.as_view(), name="lead-by-rules"),
    path("leads/away/", rules.PausePage.as_view(), name="lead-pause"),
    path("leads/away/<int:pk>/end/", rules.EndPausePage.as_view(), name="lead-pause-end"),
]
