from zhike.pages.routes import kind_urls

from .views import PriceListPage, ProductPage

urlpatterns = [
    *kind_urls("product", menu="customers", place="products", detail=ProductPage),
    *kind_urls("price_list", menu="settings", place="price-lists", detail=PriceListPage),
]
