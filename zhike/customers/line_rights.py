"""What the owner of a product line meets at a customer: joined to `visible_to` as one more way.

Off unless the company has switched it on: then nothing here is asked and lists are what they were. The
switch is among the company's settings, which every page has at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.org.models import Company, User
from zhike.records import visibility
from zhike.records.models import TeamGrant
from zhike.records.visibility import Ids

from .models import Contact, Customer, LineOwner

SETTING = "line_owners"
WAY = "line"


def switched_on() -> bool:
    """Whether customers of this company may have an owner per product line."""
    return Company.current().setting(SETTING, False) is True


def customers_of(user: Any) -> Ids:
    """Ids of the customers of which the person looks after a line or a plant."""
    return Ids(LineOwner, "customer", {"owner": user.pk})


def _people_of(row: Any) -> set[int]:
    customer = row.pk if isinstance(row, Customer) else row.customer_id
    return set(LineOwner.objects.filter(customer=customer).order_by().values_list("owner_id", flat=True))


def shared(model: type[Any]) -> None:
    """Let owners of lines read and change rows of a kind that hangs on a customer: contacts, machines."""

    def ids(asked: type[Any], user: Any, edit: bool) -> Any:
        return customers_of(user) if asked is model and switched_on() else None

    visibility.add_branch(ids, name=WAY, column="customer_id", whom=_people_of)


def _customers(model: type[Any], user: Any, edit: bool) -> Any:
    return customers_of(user) if model is Customer and switched_on() else None


visibility.add_branch(_customers, name=WAY, whom=_people_of)
shared(Contact)


def only_by_line(user: Any, customers: Iterable[Customer]) -> set[int]:
    """Ids of those of the customers that the person may change for a line of theirs alone."""
    ids = [row.pk for row in customers]
    if not switched_on() or not ids:
        return set()
    mine = set(LineOwner.objects.filter(customer__in=ids, owner=user).order_by().values_list("customer_id", flat=True))
    if not mine:
        return set()
    vendor = "sqlite"  # the plain shape; a handful of ids needs no other
    ways = visibility.named_branches(Customer, user, mode="plain", edit=True, vendor=vendor)
    if ways is None:
        return set()
    otherwise = Q(pk__in=[])
    for name, condition in ways:
        if name != WAY:
            otherwise |= condition
    return mine - set(Customer.objects.filter(otherwise, pk__in=mine).order_by().values_list("pk", flat=True))


def refuse_handing_over(user: Any, customers: Sequence[Customer], old_owners: dict[int, int]) -> None:
    """The same when the customers have their new owner already: it counts whose they were."""
    if user is None or not switched_on():
        return
    reach = access_of(user).reach("customer", edit=True)
    rest = [row for row in customers if old_owners[row.pk] not in (user.pk, *reach.owners)]
    if reach.everything or not rest:
        return
    mine = set(LineOwner.objects.filter(customer__in=[row.pk for row in rest], owner=user).order_by().values_list("customer_id", flat=True))
    if not mine:
        return
    inside = set(User.objects.filter(pk__in=[old_owners[pk] for pk in mine], department__in=reach.departments).values_list("pk", flat=True))
    team = set(TeamGrant.objects.filter(kind="customer", row_id__in=mine, user=user, level=TeamGrant.WRITE).values_list("row_id", flat=True))
    for row in rest:
        if row.pk in mine - team and old_owners[row.pk] not in inside:
            raise mere(row)


def mere(row: Customer) -> Refused:
    """The refusal of somebody who looks after a line alone."""
    return Refused(_("You look after a product line of “%(row)s”, not the customer as a whole. Ask its owner or your manager.") % {"row": row},
                   code="line.mere")


def refuse_mere_owners(user: Any, customers: Sequence[Customer]) -> None:
    """A customer as a whole is given away by its owner or a manager, not by the owner of a line."""
    found = only_by_line(user, customers)
    if found:
        raise mere(next(row for row in customers if row.pk in found))
