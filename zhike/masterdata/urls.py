from django.urls import path

from zhike.pages.routes import kind_urls

from .views import dictionaries, numbering
from .views.custom_fields import CustomFieldPage

urlpatterns = [
    *kind_urls("custom_field", menu="settings", place="custom-fields", detail=CustomFieldPage),
    path("settings/option-lists/", dictionaries.DictionaryList.as_view(), name="dictionary-list"),
    path("settings/option-lists/<int:pk>/", dictionaries.DictionaryPage.as_view(), name="dictionary-detail"),
    path("settings/option-lists/<int:pk>/add/", dictionaries.AddChoicePage.as_view(), name="dictionary-add"),
    path("settings/option-lists/<int:pk>/many/", dictionaries.ManyChoicesPage.as_view(), name="dictionary-many"),
    path("settings/option-lists/<int:pk>/<slug:tab>/", dictionaries.DictionaryPage.as_view(), name="dictionary-tab"),
    path("settings/choices/<int:pk>/rename/", dictionaries.RenameChoicePage.as_view(), name="choice-rename"),
    path("settings/choices/<int:pk>/switch/", dictionaries.SwitchChoicePage.as_view(), name="choice-switch"),
    path("settings/choices/<int:pk>/move/", dictionaries.MoveChoiceView.as_view(), name="choice-move"),
    path("settings/choices/<int:pk>/delete/", dictionaries.RemoveChoicePage.as_view(), name="choice-remove"),
    path("settings/numbering/", numbering.NumberRuleList.as_view(), name="number_rule-list"),
    path("settings/numbering/<slug:name>/", numbering.NumberRulePage.as_view(), name="number_rule-edit"),
    path("settings/numbering/<slug:name>/preview/", numbering.PreviewView.as_view(), name="number_rule-preview"),
]
