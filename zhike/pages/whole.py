"""Every match of a list, also those far beyond its page: few are taken along as rows, many as the question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode

from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.records import listing, saved_views
from zhike.records.kinds import Kind

AT_ONCE = 500  # rows that are changed while the person waits
MOST = 50_000  # rows of one background job
LONGEST = 4_000  # characters of the conditions


def conditions(params: Mapping[str, list[str]]) -> str:
    """The list's conditions as a query string, without what belongs to the page or the dialog."""
    kept = {key: values for key, values in params.items() if key not in ("all", "ids", "field", *saved_views.PASSING)}
    query = urlencode(kept, doseq=True)
    if len(query) > LONGEST:
        raise Refused(_("These are too many conditions. Take some away first."), code="view.long")
    return query


def asked(kind: Kind, query: str, user: Any) -> listing.Request:
    """The conditions read for this person; refuses what the list itself would refuse."""
    if len(query) > LONGEST:
        raise Refused(_("These are too many conditions. Take some away first."), code="view.long")
    return listing.read(kind, parse_qs(query), user, ignore=listing.SHAPE)


def too_many(most: int) -> Refused:
    """The "no" to more rows than are taken at once."""
    return Refused(
        _("The list has more than %(n)s rows. Narrow it with conditions and take it in parts.") % {"n": f"{most:,}"}, code="rows.many")


def ids(kind: Kind, query: str, user: Any, *, most: int | None = None) -> list[int]:
    """The ids of all matches that the person sees now; refuses none, and more than 50,000."""
    most = MOST if most is None else most
    found = list(asked(kind, query, user).rows().order_by("pk").values_list("pk", flat=True)[: most + 1])
    if len(found) > most:
        raise too_many(most)
    if not found:
        raise Refused(_("Select at least one row first."), code="rows.none")
    return found
