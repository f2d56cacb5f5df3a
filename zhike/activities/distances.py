"""How far from its customer a check-in was."""

from __future__ import annotations

from zhike.base import places
from zhike.customers.models import Address, Customer

from .models import Activity

VISITS = ("visit", "demo", "meeting", "exhibition")
FAR = 2_000  # metres beyond which somebody may want to look twice


def from_customer(row: Activity) -> int | None:
    """Metres to the customer or to the nearest of its addresses; None where one of the two places is not known. One query."""
    if row.check_in_lat is None or row.check_in_lng is None:
        return None
    own = Customer.objects.filter(pk=row.customer_id, lat__isnull=False).values_list("lat", "lng")
    further = Address.objects.filter(customer=row.customer_id, lat__isnull=False).values_list("lat", "lng")
    found = [places.metres(row.check_in_lat, row.check_in_lng, lat, lng) for lat, lng in own.union(further)]
    return min(found, default=None)


def text(away: int) -> str:
    """350 m, 1.2 km."""
    return f"{away} m" if away < 1_000 else f"{(away + 50) // 1000}.{(away + 50) % 1000 // 100} km"
