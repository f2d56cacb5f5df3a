from zhike.pages.routes import kind_urls

from .views import campaigns, leads

urlpatterns = [
    *kind_urls("campaign", menu="marketing", place="campaigns", detail=campaigns.CampaignPage),
    *kind_urls("lead", menu="marketing", place="leads", detail=leads.LeadPage),
]
