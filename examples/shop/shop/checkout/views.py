"""Oscar's checkout, paid in cash on delivery."""

import logging

from django.contrib import messages
from django.db import IntegrityError
from django.shortcuts import redirect
from oscar.apps.checkout import views
from oscar.apps.payment.models import Source, SourceType

from shop.stock import NO_OVERSELLING

logger = logging.getLogger("oscar.checkout")


class PaymentDetailsView(views.PaymentDetailsView):
    def handle_payment(self, order_number, total, **kwargs):
        method, _ = SourceType.objects.get_or_create(code="cash", defaults={"name": "Cash on delivery"})
        self.add_payment_source(
            Source(source_type=method, currency=total.currency, amount_allocated=total.incl_tax)
        )

    def handle_order_placement(self, *args, **kwargs):
        """Two customers may order the last piece at the same time; the database lets one of them have it."""
        try:
            return super().handle_order_placement(*args, **kwargs)
        except IntegrityError as problem:
            if NO_OVERSELLING not in str(problem):
                raise
        self.restore_frozen_basket()
        messages.error(
            self.request, "Somebody was faster: your basket has more than is left in stock. Nothing was ordered."
        )
        return redirect("basket:summary")

    def send_order_placed_email(self, order):
        """The order stands, whatever becomes of the mail."""
        try:
            super().send_order_placed_email(order)
        except OSError as problem:
            logger.error("Order #%s: no mail was sent: %s", order.number, problem)
