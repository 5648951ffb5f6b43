"""Search in the shop's own database.

Oscar lists its products by Haystack, whose "simple" engine finds none for a list without words. This one translates what
Oscar asks for into a query of the ORM; there is no index that could be stale on one server.
"""

from django.db.models import Min, Q
from haystack.backends import BaseEngine, BaseSearchBackend, BaseSearchQuery, SearchNode
from haystack.models import SearchResult
from oscar.core.loading import get_model

ORDERS = {"price": "price", "title_exact": "title", "date_created": "date_created", "rating": "rating"}


class Query(BaseSearchQuery):
    def build_query(self) -> Q:
        return condition(self.query_filter)


def condition(node: SearchNode) -> Q:
    """Haystack's tree of conditions, as one of Django's."""
    both = Q()
    for child in node.children:
        one = condition(child) if isinstance(child, SearchNode) else criterion(*child)
        both = both | one if node.connector == "OR" else both & one
    return ~both if node.negated else both


def criterion(expression: str, value) -> Q:
    field = expression.split("__")[0]
    if field == "is_public":
        return Q(is_public=value == "true")
    if field == "structure":
        return Q(structure__in=value)
    if field == "category":
        return Q(categories__in=value)
    words = Q()
    for word in str(getattr(value, "query_string", value)).split():
        words &= Q(title__icontains=word) | Q(description__icontains=word) | Q(upc__iexact=word)
    return words


class Backend(BaseSearchBackend):
    def nothing_to_index(self, *args, **kwargs):
        pass

    update = remove = clear = nothing_to_index

    def search(self, query: Q, sort_by=(), start_offset=0, end_offset=None, result_class=SearchResult, **ignored):
        Product = get_model("catalogue", "Product")
        found = Product.objects.filter(query).distinct()
        orders = [f"{'-' if name[0] == '-' else ''}{ORDERS[name.lstrip('-')]}" for name in sort_by]
        found = found.annotate(price=Min("stockrecords__price")).order_by(*orders, "pk")
        keys = found.values_list("pk", flat=True)[start_offset:end_offset]
        results = [result_class("catalogue", "product", key, 0) for key in keys]
        return {"results": results, "hits": found.count()}


class Engine(BaseEngine):
    backend = Backend
    query = Query
