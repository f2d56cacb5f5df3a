"""What people do with their own account: password, second factor, passkeys, sessions."""

from __future__ import annotations

from axes.utils import reset as forget_failures
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org import links, passkeys, second_factor, sessions
from zhike.org.models import Passkey, PasswordLink, SignedIn, User
from zhike.records import history

from .events import passkey_copied


@transaction.atomic
def set_password_by_link(token: str, password: str) -> User:
    """Use a one-time link. All sessions of the person end, and the lock for wrong passwords opens.

    Refused when the link does not count any more, also when it was used a moment ago.
    """
    link = links.living(token, lock=True)
    if link is None:
        raise Refused(_("This link does not work any more."), code="link.gone")
    # The condition decides between two at once where rows cannot be held.
    if not PasswordLink.objects.filter(pk=link.pk, used_at=None).update(used_at=clock.now()):
        raise Refused(_("This link does not work any more."), code="link.gone")
    user = link.user
    _store(user, password)
    sessions.end_all(user)
    forget_failures(username=user.username)
    history.log(user, "password", by=user, args={"by": "link"})
    return user


@transaction.atomic
def change_password(user: User, password: str, *, session_key: str) -> None:
    """A new password for oneself; every other session ends."""
    _store(user, password)
    sessions.end_all(user, but=session_key)
    PasswordLink.objects.filter(user=user).delete()
    history.log(user, "password", by=user)


@transaction.atomic
def rescue_administrator(user: User, password: str = "") -> str:
    """Let an administrator in again from the server's shell: second factor and passkeys gone, lock open, sessions ended.

    With `password` it is set; else the token of a one-time link is returned. A disabled one is enabled
    where no other administrator is left. Refuses everybody else: for them an administrator is there.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_admin:
        raise Refused(_("%(user)s is no system administrator. An administrator makes a password link on the page of the user.")
                      % {"user": user.username}, code="rescue.who")
    enabled = False
    if not user.is_active:
        if User.objects.filter(is_admin=True, is_active=True).exists():
            raise Refused(_("%(user)s is disabled, and another administrator can enable them.") % {"user": user.username}, code="rescue.who")
        enabled = user.is_active = True
        user.version += 1
        user.save(update_fields=["is_active", "version"])
    factor, keys = second_factor.remove(user), passkeys.remove_all(user)
    ended = sessions.end_all(user)
    PasswordLink.objects.filter(user=user).delete()
    forget_failures(username=user.username)
    token = ""
    if password:
        _store(user, password)
    else:
        token = links.make_link(user, by=None)
    history.log(user, "rescue", by=None, diff={"is_active": (False, True)} if enabled else {},
                args={"by": "password" if password else "link", "factor": factor, "passkeys": keys, "sessions": ended})
    return token


def _store(user: User, password: str) -> None:
    user.set_password(password)
    User.objects.filter(pk=user.pk).update(password=user.password, password_asked_at=None)


@transaction.atomic
def set_up_factor(user: User, sealed: str, code: str) -> list[str]:
    """Confirm the new second factor with a first code; returns the recovery codes, shown once."""
    codes = second_factor.confirm(user, sealed, code)
    if codes is None:
        raise Refused(_("This code does not fit. Look at the clock of the phone and type the newest code."), field="code")
    history.log(user, "factor-on", by=user)
    return codes


@transaction.atomic
def drop_factor(user: User) -> None:
    """Take one's own second factor off; refused where a role asks for one and no passkey stands in."""
    if second_factor.needed_by(user) and not passkeys.any_of(user):
        raise Refused(_("One of your roles asks for a second factor. You can set it up anew after an administrator took it away."))
    second_factor.remove(user)
    history.log(user, "factor-off", by=user)


@transaction.atomic
def renew_codes(user: User) -> list[str]:
    """Ten new recovery codes, shown once; the old ones stop counting."""
    history.log(user, "factor-codes", by=user)
    return second_factor.renew_codes(user)


@transaction.atomic
def offer_passkey(user: User, place: passkeys.Place) -> tuple[passkeys.Offer, str]:
    """Ask a device for a new passkey; the offer, and what the device calls the person. Refused past ten."""
    if len(passkeys.of(user)) >= passkeys.MOST:
        raise Refused(_("At most %(n)s passkeys for one person. Remove one you no longer use.") % {"n": passkeys.MOST})
    handle = passkeys.handle_of(user)
    return passkeys.offer_making(user, place, handle), handle


@transaction.atomic
def add_passkey(user: User, answer: str, *, challenge: str, place: passkeys.Place, handle: str, name: str) -> Passkey:
    """Keep the passkey a device has made for oneself."""
    try:
        key = passkeys.keep(user, answer, challenge=challenge, place=place, handle=handle, name=name)
    except passkeys.Unfit:
        raise Refused(_("What the device answered does not fit. Begin again, in the same window.")) from None
    if key is None:
        raise Refused(_("At most %(n)s passkeys for one person. Remove one you no longer use.") % {"n": passkeys.MOST})
    history.log(user, "passkey-on", by=user, diff={"passkey": (None, name)})
    return key


@transaction.atomic
def rename_passkey(key: Passkey, name: str) -> None:
    """Call one's own passkey otherwise."""
    if key.name != name and Passkey.objects.filter(pk=key.pk).update(name=name):
        history.log(key.user, "passkey-name", by=key.user, diff={"passkey": (key.name, name)})


@transaction.atomic
def remove_passkey(key: Passkey) -> None:
    """Remove one's own passkey; the last one stays while a role asks for a second factor and there is no other."""
    User.objects.select_for_update().get(pk=key.user_id)
    last = not Passkey.objects.filter(user=key.user).exclude(pk=key.pk).exists()
    if last and second_factor.of(key.user) is None and second_factor.needed_by(key.user):
        raise Refused(_("One of your roles asks for a second factor, and this passkey is the only one. Set up codes of an "
                        "authenticator app or another passkey first."))
    if Passkey.objects.filter(pk=key.pk).delete()[0]:
        history.log(key.user, "passkey-off", by=key.user, diff={"passkey": (key.name, None)})


def use_passkey(key: Passkey, answer: str, *, challenge: str, place: passkeys.Place) -> None:
    """Sign in with a passkey; raises `passkeys.Unfit`. A key that may have been copied is refused and told of."""
    try:
        with transaction.atomic():
            passkeys.check(key, answer, challenge=challenge, place=place)
            history.log(key.user, "passkey-used", by=key.user, args={"reason": key.name})
    except passkeys.Copied:
        with transaction.atomic():
            history.log(key.user, "passkey-copied", by=key.user, args={"reason": key.name})
            passkey_copied.announce([key.user], by=None, name=key.name, at=clock.now().isoformat())
        raise


def end_session(user: User, pk: int) -> int:
    """End one of one's own sessions; another's is not found."""
    return sessions.end(SignedIn.objects.filter(user=user, pk=pk))


def end_other_sessions(user: User, *, session_key: str) -> int:
    """End every session of the person but the present one."""
    return sessions.end_all(user, but=session_key)
