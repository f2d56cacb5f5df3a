from django.urls import path

from zhike.pages.routes import kind_urls

from .views import addresses, contacts, customers, decisions, invoicing, opening, vcards

urlpatterns = [
    path("customers/check/", customers.CheckCustomerPage.as_view(), name="customer-check"),
    path("customers/<int:pk>/lose/", customers.LoseCustomerPage.as_view(), name="customer-lose"),
    path("customers/<int:pk>/switch/", customers.SwitchCustomerPage.as_view(), name="customer-switch"),
    path("customers/<int:pk>/addresses/new/", addresses.AddressPage.as_view(), name="customer-address-new"),
    path("customers/<int:pk>/addresses/<int:address>/", addresses.AddressPage.as_view(), name="customer-address"),
    path("customers/<int:pk>/addresses/<int:address>/remove/", addresses.RemoveAddressPage.as_view(),
         name="customer-address-remove"),
    path("customers/<int:pk>/invoicing/new/", invoicing.InvoiceTitlePage.as_view(), name="customer-invoicing-new"),
    path("customers/<int:pk>/invoicing/<int:title>/", invoicing.InvoiceTitlePage.as_view(), name="customer-invoicing"),
    path("customers/<int:pk>/invoicing/<int:title>/default/", invoicing.DefaultTitlePage.as_view(),
         name="customer-invoicing-default"),
    path("customers/<int:pk>/invoicing/<int:title>/remove/", invoicing.RemoveTitlePage.as_view(),
         name="customer-invoicing-remove"),
    path("contacts/card/", vcards.FromCardPage.as_view(), name="contact-card"),
    path("contacts/cards/", vcards.CardsFilePage.as_view(), name="contact-cards"),
    path("contacts/<int:pk>/card/", vcards.CardFilePage.as_view(), name="contact-card-file"),
    path("contacts/<int:pk>/part/", decisions.PartPage.as_view(), name="contact-part"),
    path("contacts/<int:pk>/hang/", decisions.HangPage.as_view(), name="contact-hang"),
    path("contacts/<int:pk>/move/", contacts.MovePage.as_view(), name="contact-move"),
    path("contacts/<int:pk>/primary/", contacts.PrimaryPage.as_view(), name="contact-primary"),
    path("customers/<int:pk>/opening/", opening.ApplyPage.as_view(), name="customer-opening"),
    path("openings/<int:pk>/accept/", opening.AcceptPage.as_view(), name="opening-accept"),
    path("openings/<int:pk>/return/", opening.ReturnPage.as_view(), name="opening-return"),
    path("openings/<int:pk>/resubmit/", opening.ResubmitPage.as_view(), name="opening-resubmit"),
    path("openings/<int:pk>/withdraw/", opening.WithdrawPage.as_view(), name="opening-withdraw"),
    *kind_urls("opening", menu="customers", place="openings", detail=opening.OpeningPage, new=None, edit=None),
    *kind_urls(
        "customer", menu="customers", place="customers", detail=customers.CustomerPage,
        new=customers.NewCustomerPage, edit=customers.EditCustomerPage,
    ),
    *kind_urls("contact", menu="customers", place="contacts", detail=contacts.ContactPage, new=contacts.NewContactPage,
              list_page=contacts.ContactListPage),
]
