"""Oscar looks at the stock and allocates it later: two orders at the same time both see the last piece."""

from django.db import migrations, models

from shop.stock import NO_OVERSELLING

CONSTRAINT = models.CheckConstraint(
    condition=models.Q(num_allocated__lte=models.F("num_in_stock")), name=NO_OVERSELLING
)


def add(apps, editor):
    records = apps.get_model("partner", "StockRecord")
    # SQLite makes the table anew from these options.
    records._meta.constraints = [*records._meta.constraints, CONSTRAINT]
    editor.add_constraint(records, CONSTRAINT)


def remove(apps, editor):
    editor.remove_constraint(apps.get_model("partner", "StockRecord"), CONSTRAINT)


class Migration(migrations.Migration):
    dependencies = [("partner", "0007_partneraddress_code")]
    operations = [migrations.RunPython(add, remove)]
