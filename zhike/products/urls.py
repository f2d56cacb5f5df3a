from zhike.pages.routes import kind_urls

from .views import ProductPage

urlpatterns = kind_urls("product", menu="customers", place="products", detail=ProductPage)
