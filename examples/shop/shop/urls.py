"""Oscar's pages, a home page of our own, and the pictures for whoever runs the shop without a web server in front."""

from django.apps import apps
from django.conf import settings
from django.urls import include, path
from django.views.static import serve

from shop.home import Home

urlpatterns = [
    path("", Home.as_view(), name="home"),
    path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}),
    path("", include(apps.get_app_config("oscar").urls[0])),
]
