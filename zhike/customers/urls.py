from django.urls import path

from zhike.pages.routes import kind_urls

from . import views

urlpatterns = [
    path("customers/check/", views.CheckCustomerPage.as_view(), name="customer-check"),
    path("customers/<int:pk>/lose/", views.LoseCustomerPage.as_view(), name="customer-lose"),
    path("customers/<int:pk>/switch/", views.SwitchCustomerPage.as_view(), name="customer-switch"),
    path("customers/<int:pk>/addresses/new/", views.AddressPage.as_view(), name="customer-address-new"),
    path("customers/<int:pk>/addresses/<int:address>/", views.AddressPage.as_view(), name="customer-address"),
    path("customers/<int:pk>/addresses/<int:address>/remove/", views.RemoveAddressPage.as_view(),
         name="customer-address-remove"),
    path("contacts/<int:pk>/primary/", views.PrimaryPage.as_view(), name="contact-primary"),
    *kind_urls(
        "customer", menu="customers", place="customers", detail=views.CustomerPage,
        new=views.NewCustomerPage, edit=views.EditCustomerPage,
    ),
    *kind_urls("contact", menu="customers", place="contacts", detail=views.ContactPage, new=views.NewContactPage),
]
