"""Makes the database ready for this release: tables, and at first the goods. As often as one likes, from several places at once."""

from contextlib import contextmanager

from django.core.management import BaseCommand
from django.db import connection

from shop import seed, tables

# Any number, the same in every release.
LOCK = 17_111_117


class Command(BaseCommand):
    help = "Migrates the database and fills an empty catalogue; does nothing where both are done."
    # Django's checks import everything, and say nothing that a deployment could act on.
    requires_system_checks = []

    def handle(self, *args, **options):
        with alone():
            self.stdout.write(f"migrations: {tables.migrate() or 'nothing to do'}")
            self.stdout.write(f"catalogue: {seed.fill() or 'nothing to do'}")


@contextmanager
def alone():
    """Others wait here until it is done. The lock ends with the connection, whatever happens."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
