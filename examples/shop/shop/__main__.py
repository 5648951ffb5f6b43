"""`python3 -m shop` serves the shop; gunicorn.conf.py says how."""

import sys

import shop  # noqa: F401  (finds gunicorn)
from gunicorn.app.wsgiapp import run

sys.argv[:1] = ["gunicorn"]
run()
