from django.urls import path

from . import views

urlpatterns = [path("messages/", views.MessagesPage.as_view(), name="messages")]
