from django.urls import path

from . import views

urlpatterns = [path("", views.WorkbenchPage.as_view(), name="home")]
