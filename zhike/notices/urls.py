from django.urls import path

from .views import messages, outbox, rules

urlpatterns = [
    path("messages/", messages.MessagesPage.as_view(), name="messages"),
    path("messages/preferences/", messages.WishesPage.as_view(), name="message-wishes"),
    path("messages/alerts/<int:pk>/", messages.MyAlertsPage.as_view(), name="message-alerts"),
    path("settings/outbox/", outbox.OutboxPage.as_view(), name="outbox"),
    path("settings/alerts/", rules.RuleList.as_view(), name="alert_rule-list"),
    path("settings/alerts/<int:pk>/", rules.RulePage.as_view(), name="alert_rule-detail"),
    path("settings/alerts/<int:pk>/edit/", rules.EditRulePage.as_view(), name="alert_rule-edit"),
    path("settings/alerts/<int:pk>/switch/", rules.SwitchRuleView.as_view(), name="alert_rule-switch"),
    path("settings/alerts/<int:pk>/try/", rules.TryRulePage.as_view(), name="alert_rule-try"),
]
