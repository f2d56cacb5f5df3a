from django.urls import path

from zhike.pages.routes import kind_urls

from .views import addresses, contacts, customers, lifecycle, pool_settings, pools

urlpatterns = [
    path("customers/check/", customers.CheckCustomerPage.as_view(), name="customer-check"),
    path("customers/<int:pk>/lose/", customers.LoseCustomerPage.as_view(), name="customer-lose"),
    path("customers/<int:pk>/switch/", customers.SwitchCustomerPage.as_view(), name="customer-switch"),
    path("customers/<int:pk>/addresses/new/", addresses.AddressPage.as_view(), name="customer-address-new"),
    path("customers/<int:pk>/addresses/<int:address>/", addresses.AddressPage.as_view(), name="customer-address"),
    path("customers/<int:pk>/addresses/<int:address>/remove/", addresses.RemoveAddressPage.as_view(),
         name="customer-address-remove"),
    path("customers/return/", pools.ReturnPage.as_view(), name="customer-return-many"),
    path("customers/<int:pk>/return/", pools.ReturnPage.as_view(), name="customer-return"),
    path("customers/<int:pk>/lock/", pools.LockPage.as_view(), name="customer-lock"),
    path("customers/<int:pk>/stage/", lifecycle.StagePage.as_view(), name="customer-stage"),
    path("pools/", pools.PoolHome.as_view(), name="pool-home"),
    path("pools/due/", pools.DuePage.as_view(), name="pool-due"),
    path("pools/requests/<int:pk>/", pools.DecidePage.as_view(), name="pool-decide"),
    path("pools/<int:pk>/", pools.PoolPage.as_view(), name="pool-customers"),
    path("pools/<int:pk>/customers/<int:customer>/", pools.PoolCustomerPage.as_view(), name="pool-customer"),
    path("pools/<int:pk>/pick/", pools.PickPage.as_view(), name="pool-pick"),
    path("pools/<int:pk>/apply/", pools.ApplyPage.as_view(), name="pool-apply"),
    path("pools/<int:pk>/assign/", pools.AssignPage.as_view(), name="pool-assign"),
    path("pools/<int:pk>/requests/", pools.RequestsPage.as_view(), name="pool-requests"),
    path("settings/pools/", pool_settings.PoolList.as_view(), name="pool-list"),
    path("settings/pools/new/", pool_settings.NewPoolPage.as_view(), name="pool-new"),
    path("settings/pools/limits/", pool_settings.LimitsPage.as_view(), name="pool-limits"),
    path("settings/pools/<int:pk>/", pool_settings.PoolSettingsPage.as_view(), name="pool-detail"),
    path("settings/pools/<int:pk>/edit/", pool_settings.EditPoolPage.as_view(), name="pool-edit"),
    path("settings/pools/<int:pk>/switch/", pool_settings.SwitchPoolPage.as_view(), name="pool-switch"),
    path("settings/pools/<int:pk>/fields/", pool_settings.FieldsPage.as_view(), name="pool-fields"),
    path("settings/pools/<int:pk>/rules/", pool_settings.RulesPage.as_view(), name="pool-rules"),
    path("settings/pools/<int:pk>/members/<slug:part>/", pool_settings.MembersPage.as_view(), name="pool-members"),
    path("settings/pools/<int:pk>/<slug:tab>/", pool_settings.PoolSettingsPage.as_view(), name="pool-tab"),
    path("contacts/<int:pk>/primary/", contacts.PrimaryPage.as_view(), name="contact-primary"),
    *kind_urls(
        "customer", menu="customers", place="customers", detail=customers.CustomerPage,
        new=customers.NewCustomerPage, edit=customers.EditCustomerPage,
    ),
    *kind_urls("contact", menu="customers", place="contacts", detail=contacts.ContactPage, new=contacts.NewContactPage),
]
