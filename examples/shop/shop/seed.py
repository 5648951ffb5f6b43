"""The goods that an empty catalogue is filled with: catalogue.csv."""

import csv
from decimal import Decimal
from pathlib import Path

from django.db import transaction
from oscar.apps.catalogue.categories import create_from_breadcrumbs
from oscar.core.loading import get_model

COUNTRIES = [
    ("AT", "AUT", "040", "Austria"),
    ("BE", "BEL", "056", "Belgium"),
    ("CZ", "CZE", "203", "Czechia"),
    ("DE", "DEU", "276", "Germany"),
    ("DK", "DNK", "208", "Denmark"),
    ("ES", "ESP", "724", "Spain"),
    ("FR", "FRA", "250", "France"),
    ("IE", "IRL", "372", "Ireland"),
    ("IT", "ITA", "380", "Italy"),
    ("NL", "NLD", "528", "Netherlands"),
    ("PL", "POL", "616", "Poland"),
    ("PT", "PRT", "620", "Portugal"),
    ("SE", "SWE", "752", "Sweden"),
]


@transaction.atomic
def fill() -> str:
    """Fills the catalogue if it is empty, and says what was done."""
    Product = get_model("catalogue", "Product")
    done = ""
    if not Product.objects.exists():
        countries()
        with Path(__file__).with_name("catalogue.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            product(row)
        done = f"{len(rows)} products"
    count_from_zero(Product)
    return done


def countries() -> None:
    Country = get_model("address", "Country")
    Country.objects.bulk_create(
        [
            Country(
                iso_3166_1_a2=two,
                iso_3166_1_a3=three,
                iso_3166_1_numeric=number,
                name=name,
                printable_name=name,
                is_shipping_country=True,
            )
            for two, three, number, name in COUNTRIES
        ],
        ignore_conflicts=True,
    )


def product(row: dict) -> None:
    def model(app, name):
        return get_model(app, name).objects

    kind, _ = model("catalogue", "ProductClass").get_or_create(name="Gear")
    warehouse, _ = model("partner", "Partner").get_or_create(name="Warehouse")
    made = model("catalogue", "Product").create(
        product_class=kind, title=row["title"], upc=row["sku"], description=f"<p>{row['description']}</p>"
    )
    made.categories.add(create_from_breadcrumbs(row["category"]))
    # Its name is known beforehand: the files come with the release, not through the database.
    model("catalogue", "ProductImage").create(product=made, original=f"products/{row['sku']}.svg")
    model("partner", "StockRecord").create(
        product=made,
        partner=warehouse,
        partner_sku=row["sku"],
        price=Decimal(row["price"]),
        num_in_stock=int(row["stock"]),
    )


def count_from_zero(Product) -> None:
    """Oscar counts the views of a product in a row that the first view makes, and two first views collide over."""
    ProductRecord = get_model("analytics", "ProductRecord")
    uncounted = Product.objects.exclude(pk__in=ProductRecord.objects.values("product"))
    ProductRecord.objects.bulk_create([ProductRecord(product=one) for one in uncounted], ignore_conflicts=True)
