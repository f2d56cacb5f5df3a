from django.urls import path

from zhike.pages.routes import kind_urls

from .views import addresses, contacts, customers, merging, pairs

urlpatterns = [
    path("customers/check/", customers.CheckCustomerPage.as_view(), name="customer-check"),
    path("customers/<int:pk>/lose/", customers.LoseCustomerPage.as_view(), name="customer-lose"),
    path("customers/<int:pk>/switch/", customers.SwitchCustomerPage.as_view(), name="customer-switch"),
    path("customers/<int:pk>/addresses/new/", addresses.AddressPage.as_view(), name="customer-address-new"),
    path("customers/<int:pk>/addresses/<int:address>/", addresses.AddressPage.as_view(), name="customer-address"),
    path("customers/<int:pk>/addresses/<int:address>/remove/", addresses.RemoveAddressPage.as_view(),
         name="customer-address-remove"),
    path("contacts/<int:pk>/primary/", contacts.PrimaryPage.as_view(), name="contact-primary"),
    path("customers/duplicates/", pairs.PairsPage.as_view(), name="duplicates"),
    path("customers/duplicates/search/", pairs.SearchView.as_view(), name="duplicates-search"),
    path("customers/duplicates/<int:pk>/", pairs.PairView.as_view(), name="duplicates-pair"),
    path("settings/duplicates/", pairs.PolicyPage.as_view(), name="duplicate-policy"),
    *(
        url
        for kind in ("customer", "contact")
        for url in (
            path(f"{kind}s/merge/", merging.MergePage.as_view(kind_name=kind, place=f"{kind}s"), name=f"{kind}-merge"),
            path(f"{kind}s/<int:pk>/merge-with/", merging.MergeWithPage.as_view(kind_name=kind, place=f"{kind}s"), name=f"{kind}-merge-with"),
            path(f"{kind}s/<int:pk>/unmerge/", merging.UndoMergePage.as_view(kind_name=kind, place=f"{kind}s"), name=f"{kind}-unmerge"),
        )
    ),
    *kind_urls(
        "customer", menu="customers", place="customers", detail=customers.CustomerPage,
        new=customers.NewCustomerPage, edit=customers.EditCustomerPage,
    ),
    *kind_urls("contact", menu="customers", place="contacts", detail=contacts.ContactPage, new=contacts.NewContactPage),
]
