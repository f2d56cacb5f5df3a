from zhike.pages.routes import kind_urls

from .views import CustomFieldPage

urlpatterns = kind_urls("custom_field", menu="settings", place="custom-fields", detail=CustomFieldPage)
