from django.urls import path

from zhike.pages.routes import kind_urls

from . import boards, contact_views, views

urlpatterns = [
    path("opportunities/board/", boards.BoardPage.as_view(), name="opportunity-board"),
    path("opportunities/<int:pk>/move/", views.MovePage.as_view(), name="opportunity-move"),
    path("opportunities/<int:pk>/win/", views.WinPage.as_view(), name="opportunity-win"),
    path("opportunities/<int:pk>/lose/", views.LosePage.as_view(), name="opportunity-lose"),
    path("opportunities/<int:pk>/unwin/", views.UnwinPage.as_view(), name="opportunity-unwin"),
    path("opportunities/<int:pk>/unlose/", views.UnlosePage.as_view(), name="opportunity-unlose"),
    path("opportunities/<int:pk>/suspend/", views.SuspendPage.as_view(), name="opportunity-suspend"),
    path("opportunities/<int:pk>/resume/", views.ResumePage.as_view(), name="opportunity-resume"),
    path("opportunities/<int:pk>/lines/", views.LinesOfOpportunity.as_view(), name="opportunity-lines"),
    path("opportunities/<int:pk>/tick/<int:criterion>/", views.TickPage.as_view(), name="opportunity-tick"),
    path("opportunities/<int:pk>/people/new/", contact_views.RolePage.as_view(), name="opportunity-contact-new"),
    path("opportunities/<int:pk>/people/<int:contact>/", contact_views.RolePage.as_view(), name="opportunity-contact"),
    *kind_urls("opportunity", menu="opportunities", place="opportunities", list_page=views.OpportunityList,
               detail=views.OpportunityPage, new=views.NewOpportunityPage),
]
