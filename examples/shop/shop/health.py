"""Answers to probes. `/healthz`: this process is alive. `/readyz`: it can sell something; else 503 and the reason.

A load balancer that asked `/readyz` would take all servers away at once when the database is gone: it is for a deployment,
which looks at one server before it takes the next.
"""

from django.db import Error
from django.http import HttpResponse
from oscar.core.loading import get_model


class Health:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path == "/healthz":
            return answer()
        if request.path == "/readyz":
            return answer(missing())
        return self.get_response(request)


def answer(reason: str = "") -> HttpResponse:
    return HttpResponse(f"{reason or 'OK'}\n", status=503 if reason else 200, content_type="text/plain")


def missing() -> str:
    """What is missing to sell something; nothing: the empty string."""
    try:
        products = get_model("catalogue", "Product").objects.exists()
    except Error as problem:
        return f"database: {str(problem).strip().splitlines()[0]}"
    return "" if products else "the catalogue is empty: run `manage.py prepare`"
