from django.urls import path

from .views import converting, figures, items, rules, wishes

urlpatterns = [
    path("leads/<int:pk>/convert/", converting.ConvertPage.as_view(), name="lead-convert"),
    path("leads/<int:pk>/unconvert/", converting.UnconvertPage.as_view(), name="lead-unconvert"),
    path("reports/care/", figures.CareReport.as_view(), name="report-care"),
    path("care/", items.CareList.as_view(), name="care_item-list"),
    path("care/<int:pk>/", items.CarePage.as_view(), name="care_item-detail"),
    path("care/<int:pk>/finish/", items.FinishPage.as_view(), name="care_item-finish"),
    path("care/<int:pk>/skip/", items.SkipPage.as_view(), name="care_item-skip"),
    path("care/<int:pk>/send/", items.SendPage.as_view(), name="care_item-send"),
    path("care/<int:pk>/reopen/", items.ReopenPage.as_view(), name="care_item-reopen"),
    path("care/rules/", rules.RuleList.as_view(), name="care_rule-list"),
    path("care/rules/new/", rules.NewRulePage.as_view(), name="care_rule-new"),
    path("care/rules/preview/", rules.PreviewView.as_view(), name="care_rule-preview"),
    path("care/rules/<int:pk>/edit/", rules.EditRulePage.as_view(), name="care_rule-edit"),
    path("contacts/<int:pk>/care-wish/", wishes.ContactWishPage.as_view(), name="contact-care-wish"),
    path("customers/<int:pk>/care-wish/", wishes.CustomerWishPage.as_view(), name="customer-care-wish"),
    path("customers/<int:pk>/care-day/", wishes.NewDayPage.as_view(), name="customer-care-day"),
    path("care/days/<int:pk>/remove/", wishes.RemoveDayPage.as_view(), name="care-day-remove"),
]
