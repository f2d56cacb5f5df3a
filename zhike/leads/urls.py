from django.urls import path

from zhike.pages.routes import kind_urls

from . import intake_urls
from .views import campaigns, leads, steps

STEPS = (("assign", steps.AssignPage), ("take", steps.TakePage), ("queue", steps.QueuePage), ("invalidate", steps.InvalidatePage),
         ("reopen", steps.ReopenPage))

urlpatterns = [
    *intake_urls.urlpatterns,
    path("campaigns/<int:pk>/step/<slug:move>/", campaigns.StepPage.as_view(), name="campaign-step"),
    *kind_urls("campaign", menu="marketing", place="campaigns", detail=campaigns.CampaignPage),
    *(path(f"leads/{name}/", page.as_view(), name=f"lead-{name}") for name, page in STEPS),
    *(path(f"leads/<int:pk>/{name}/", page.as_view(), name=f"lead-{name}-one") for name, page in STEPS),
    *kind_urls("lead", menu="marketing", place="leads", detail=leads.LeadPage, new=leads.NewLeadPage, edit=leads.EditLeadPage),
]
