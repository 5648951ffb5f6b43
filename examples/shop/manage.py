#!/usr/bin/python3
"""Django's commands. The shop's own: `prepare` (database) and `purge` (what expired)."""

import os
import sys

import shop  # noqa: F401  (finds Django)
from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
execute_from_command_line(sys.argv)
