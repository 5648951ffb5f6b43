"""Throws away what expired: sessions, and baskets that nobody comes back for. For a timer, on one server."""

from datetime import timedelta

from django.core.management import BaseCommand, call_command
from django.utils import timezone
from oscar.core.loading import get_model


class Command(BaseCommand):
    help = "Deletes expired sessions and abandoned baskets."

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=30, help="age at which a basket is abandoned (30)")

    def handle(self, *args, days, **options):
        Session = get_model("sessions", "Session")
        Basket = get_model("basket", "Basket")
        before = Session.objects.count()
        call_command("clearsessions")
        # A customer's basket waits for the next login; one of an anonymous customer is found by a cookie of 7 days.
        abandoned = Basket.objects.filter(
            owner=None,
            status__in=[Basket.OPEN, Basket.FROZEN],
            date_created__lt=timezone.now() - timedelta(days=days),
        )
        baskets = abandoned.count()
        abandoned.delete()
        self.stdout.write(f"{before - Session.objects.count()} sessions, {baskets} baskets")
