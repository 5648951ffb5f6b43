"""Everything that differs between two places comes from the environment; two servers of one site get the same."""

import os
from urllib.parse import parse_qsl, unquote, urlsplit

import oscar
from django.core.exceptions import ImproperlyConfigured
from oscar.defaults import *  # noqa: F403

from shop import ROOT


def required(name: str) -> str:
    """The variable's value, or an error that names it."""
    try:
        return os.environ[name]
    except KeyError:
        raise ImproperlyConfigured(f"The environment variable {name} is not set") from None


def database(url: str) -> dict:
    """`postgresql://user:password@host:port/name`, or `sqlite:////absolute/path` (one server only)."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.path.replace("//", "/", 1)}
    if parts.scheme not in ("postgresql", "postgres"):
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql:// or sqlite:///")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": {"connect_timeout": "5", **dict(parse_qsl(parts.query))},
        # Kept for a minute; looked at before use, so a restarted database is noticed and not shown to a customer.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


# The same on every server: it signs the cookie that names a basket.
SECRET_KEY = required("SECRET_KEY")
DATABASES = {"default": database(required("DATABASE_URL"))}
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1").split(",")
DEBUG = False

# TLS ends at the web server in front, which overwrites this header. Cookies go by http too: the site has both.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
SITE_ID = 1

# Oscar's own, with our checkout in the place of its own, and without what the shop does not use.
INSTALLED_APPS = [
    "shop",
    *(
        {"oscar.apps.checkout.apps.CheckoutConfig": "shop.checkout.apps.CheckoutConfig"}.get(app, app)
        for app in oscar.INSTALLED_APPS
        if app not in ("django.contrib.admin", "sorl.thumbnail")
    ),
]

MIDDLEWARE = [
    # First: a probe's Host is the server's own address, which ALLOWED_HOSTS need not know.
    "shop.health.Health",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "oscar.apps.basket.middleware.BasketMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "oscar.apps.search.context_processors.search_form",
                "oscar.apps.checkout.context_processors.checkout",
                "oscar.apps.communication.notifications.context_processors.notifications",
                "oscar.core.context_processors.metadata",
            ]
        },
    }
]

AUTHENTICATION_BACKENDS = [
    "oscar.apps.customer.auth_backends.EmailBackend",
    "django.contrib.auth.backends.ModelBackend",
]

# One language: no catalogue of messages is loaded or shipped.
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

# No hashes in the names: while servers change to a new release one by one, a page of one names files of another.
STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = os.environ.get("MEDIA_ROOT", str(ROOT / "media"))

# A mail server that is away must not stand between a customer and an order: none unless configured.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'dummy'}.EmailBackend"
EMAIL_TIMEOUT = 5

HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "shop.search.Engine"}}

OSCAR_SHOP_NAME = os.environ.get("SHOP_NAME", "LVS Outfitters")
OSCAR_SHOP_TAGLINE = "Good gear, evenly distributed"
OSCAR_HOMEPAGE = "/"
OSCAR_DEFAULT_CURRENCY = "EUR"
OSCAR_ALLOW_ANON_CHECKOUT = True
OSCAR_HIDDEN_FEATURES = ["reviews", "wishlists"]
OSCAR_SEARCH_FACETS = {"fields": {}, "queries": {}}
OSCAR_THUMBNAILER = "shop.pictures.AsTheyAre"
OSCAR_IMAGE_FOLDER = "products/"
OSCAR_MISSING_IMAGE_URL = "products/missing.svg"
OSCAR_INITIAL_ORDER_STATUS = "Pending"
OSCAR_ORDER_STATUS_PIPELINE = {"Pending": ("Shipped", "Cancelled"), "Shipped": (), "Cancelled": ()}

# To the journal. Django's default would write errors into mails.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
