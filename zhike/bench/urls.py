"""The product's addresses and the hand-written pages it is compared with."""

from django.urls import include, path

from zhike.config.urls import handler400, handler403, handler404, handler500

from . import plain, plain_customer

__all__ = ["handler400", "handler403", "handler404", "handler500"]

urlpatterns = [
    path("bench/customers/", plain.customers),
    path("bench/customers/<int:pk>/", plain_customer.customer),
    path("bench/opportunities/new/", plain.new_opportunity),
    path("bench/opportunities/<int:pk>/move/", plain.move),
    path("bench/opportunities/board/", plain.board),
    path("bench/reports/funnel/", plain.funnel),
    path("", include("zhike.config.urls")),
]
