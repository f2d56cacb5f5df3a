"""Where customers and their addresses lie, for the way there and the distance of a check-in."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base.places import EAST, NORTH
from zhike.base.refused import Refused
from zhike.records import guard, save

from ..models import Address, Customer
from .addresses import change_address


def _checked(lat: int | None, lng: int | None) -> dict[str, int | None]:
    if (lat is None) != (lng is None) or (lat is not None and lng is not None and (abs(lat) > NORTH * 10**6 or abs(lng) > EAST * 10**6)):
        raise Refused(_("This position is not on earth. Leave it out or give both parts of it in millionths of a degree."), field="lat")
    return {"lat": lat, "lng": lng}


@transaction.atomic
def set_place(row: Customer, *, lat: int | None = None, lng: int | None = None, by: Any) -> Customer:
    """Say where a customer lies, in millionths of a degree (WGS 84); without both the place is forgotten."""
    guard.require_rows(by, [row], "edit")
    save.change_row(row, _checked(lat, lng), by=by, version=None, action="place")
    return row


def place_address(row: Address, *, lat: int | None, lng: int | None, by: Any) -> Address:
    """The same for one further address of a customer."""
    change_address(row, _checked(lat, lng), by=by)
    return row
