"""Who can get in: an administrator, and nobody with a password that is written in a book."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.utils.translation import gettext as _

from zhike.demo.people import PASSWORD
from zhike.org.models import User

from ..doctor import ATTENTION, BROKEN, OK, Examined, Finding

FEW = 20  # a look at one password takes a twentieth of a second on purpose; --deep looks at all


def administrators(examined: Examined) -> Iterator[Finding]:
    names = list(User.objects.filter(is_admin=True, is_active=True).order_by("pk").values_list("username", flat=True)[:10])
    if names:
        yield Finding("administrators", OK, _("administrators: %(names)s") % {"names": ", ".join(names)})
    elif User.objects.exists():
        yield Finding("administrators", BROKEN, _("there is no active administrator"), _("`zhike init --admin NAME` adds one."))
    else:
        yield Finding("administrators", ATTENTION, _("nobody can sign in yet"), _("Open the set-up page that `zhike serve` names, or run `zhike init`."))


def passwords(examined: Examined) -> Iterator[Finding]:
    """Passwords that stand in this program or are the user's own name."""
    if settings.DEMO:
        return  # there they are not even asked for
    users = User.objects.filter(is_active=True).order_by("-is_admin", "pk").values_list("username", "password")
    weak, seen = [], set()
    for username, stored in users if examined.deep else users[:FEW]:
        if stored in seen:
            continue  # the demo's people share one
        seen.add(stored)
        if any(check_password(guess, stored) for guess in (PASSWORD, username)):
            weak.append(username)
    if weak:
        yield Finding("passwords", BROKEN, _("these people have a password that anybody can guess: %(names)s") % {"names": ", ".join(weak[:10])},
                      _("Give them new passwords, or switch them off."))
    else:
        yield Finding("passwords", OK, _("no password of the demo or equal to the user name was found"))
