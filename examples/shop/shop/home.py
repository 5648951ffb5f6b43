"""The home page: who we are, the categories, the products."""

from django.views.generic import TemplateView
from oscar.core.loading import get_model


class Home(TemplateView):
    template_name = "shop/home.html"

    def get_context_data(self, **kwargs):
        products = get_model("catalogue", "Product").objects.browsable().base_queryset().order_by("pk")
        categories = get_model("catalogue", "Category").objects.browsable()
        return super().get_context_data(products=products[:12], categories=categories, **kwargs)
