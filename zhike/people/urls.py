from django.urls import path

from .views import departments, insight, passwords, roles, users

urlpatterns = [
    path("password/<str:token>/", passwords.SetPasswordView.as_view(), name="password-set"),
    path("sign-in/forgotten/", passwords.AskPasswordView.as_view(), name="password-ask"),
    path("who-sees/<slug:kind>/<int:pk>/", insight.WhoSeesPage.as_view(), name="who-sees"),
    path("settings/users/", users.UserList.as_view(), name="user-list"),
    path("settings/users/new/", users.NewUserPage.as_view(), name="user-new"),
    path("settings/users/<int:pk>/", users.UserPage.as_view(), name="user-detail"),
    path("settings/users/<int:pk>/edit/", users.EditUserPage.as_view(), name="user-edit"),
    path("settings/users/<int:pk>/password-link/", users.PasswordLinkPage.as_view(), name="user-link"),
    path("settings/users/<int:pk>/disable/", users.DisableUserPage.as_view(), name="user-disable"),
    path("settings/users/<int:pk>/enable/", users.EnableUserPage.as_view(), name="user-enable"),
    path("settings/users/<int:pk>/sign-out/", users.SignOutUserPage.as_view(), name="user-sign-out"),
    path("settings/users/<int:pk>/second-factor/", users.FactorResetPage.as_view(), name="user-factor"),
    path("settings/users/<int:pk>/sees/", insight.SeesPage.as_view(), name="user-sees"),
    path("settings/users/<int:pk>/<slug:tab>/", users.UserPage.as_view(), name="user-tab"),
    path("settings/departments/", departments.DepartmentList.as_view(), name="department-list"),
    path("settings/departments/new/", departments.NewDepartmentPage.as_view(), name="department-new"),
    path("settings/departments/<int:pk>/", departments.DepartmentPage.as_view(), name="department-detail"),
    path("settings/departments/<int:pk>/edit/", departments.EditDepartmentPage.as_view(), name="department-edit"),
    path("settings/departments/<int:pk>/switch/", departments.SwitchDepartmentPage.as_view(), name="department-switch"),
    path("settings/departments/<int:pk>/<slug:tab>/", departments.DepartmentPage.as_view(), name="department-tab"),
    path("settings/roles/", roles.RoleList.as_view(), name="role-list"),
    path("settings/roles/new/", roles.NewRolePage.as_view(), name="role-new"),
    path("settings/roles/<int:pk>/", roles.RolePage.as_view(), name="role-detail"),
    path("settings/roles/<int:pk>/edit/", roles.EditRolePage.as_view(), name="role-edit"),
    path("settings/roles/<int:pk>/rights/", roles.RightsPage.as_view(), name="role-rights"),
    path("settings/roles/<int:pk>/<slug:tab>/", roles.RolePage.as_view(), name="role-tab"),
]
