"""What gunicorn loads, before it forks its workers."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from shop.pictures import publish

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

application = get_wsgi_application()
# All views, now and once: else the first customer of each worker waits for them.
get_resolver().url_patterns  # noqa: B018
publish()
