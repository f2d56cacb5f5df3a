"""Passkeys: keys a phone, a computer or a security key holds for its person.

They sign in without a password, prove that the person unlocked the device, and answer no page but ours:
each is tied to the name under which it was made.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from zhike.base import clock

from .models import Company, Passkey, User

MOST = 10  # for one person
LONGEST = 16_000  # letters of an answer; a browser's own are below 4,000
WAIT = 300_000  # milliseconds a browser waits for its person
TRANSPORTS = ("usb", "nfc", "ble", "hybrid", "internal", "cable")


class Unfit(Exception):
    """What came from the device proves nothing: another challenge, place, key or person."""


class Copied(Unfit):
    """The counter of the key went back: there may be two of it."""


@dataclass(frozen=True, slots=True)
class Place:
    """The house as the browser sees it: its name without the port, and the whole origin."""

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What the browser is asked for, as JSON, and the challenge that the answer must carry."""

    options: str
    challenge: str


def of(user: User) -> list[Passkey]:
    """The person's passkeys, oldest first."""
    return list(Passkey.objects.filter(user=user).order_by("made_at", "pk"))


def any_of(user: User) -> bool:
    """Whether the person has a passkey."""
    return Passkey.objects.filter(user=user).exists()


def handle_of(user: User) -> str:
    """By what the person's devices know them: a random text that says nothing, the same for all their keys."""
    kept = Passkey.objects.filter(user=user).order_by("pk").values_list("handle", flat=True).first()
    return kept or secrets.token_urlsafe(32)


def offer_making(user: User, place: Place, handle: str) -> Offer:
    """Ask for a new key that needs no user name, on a device that has none of this person's yet."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_registration_options(
        rp_id=place.name, rp_name=str(Company.current()), user_id=_bytes(handle), user_name=user.username,
        user_display_name=user.name, timeout=WAIT, attestation=structs.AttestationConveyancePreference.NONE,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED, require_resident_key=True,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_described(of(user), place),
    )
    return Offer(webauthn.options_to_json(options), _text(options.challenge))


def offer_signing(place: Place, user: User | None = None) -> Offer:
    """Ask for a signature: by any key of this house, or by one of `user`."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_authentication_options(
        rp_id=place.name, timeout=WAIT, user_verification=structs.UserVerificationRequirement.REQUIRED,
        allow_credentials=_described(of(user), place) if user is not None else None,
    )
    return Offer(webauthn.options_to_json(options), _text(options.challenge))


@transaction.atomic
def keep(user: User, answer: str, *, challenge: str, place: Place, handle: str, name: str) -> Passkey | None:
    """Take the new key of a device; None where the person has ten already. Raises `Unfit`."""
    import webauthn

    try:
        made = webauthn.verify_registration_response(
            credential=answer, expected_challenge=_bytes(challenge), expected_rp_id=place.name,
            expected_origin=place.origin, require_user_verification=True,
        )
        credential, public_key = _text(made.credential_id), _text(made.credential_public_key)
    except Exception as wrong:  # what a stranger sends breaks at any depth: JSON, CBOR, certificates, curves
        raise Unfit from wrong
    User.objects.select_for_update().get(pk=user.pk)  # two at once shall not make eleven
    if Passkey.objects.filter(user=user).count() >= MOST:
        return None
    key, new = Passkey.objects.get_or_create(credential=credential, defaults={
        "user": user, "public_key": public_key, "handle": handle, "sign_count": made.sign_count, "name": name,
        "place": place.name, "transports": _transports(answer), "made_at": clock.now(),
    })
    if not new:
        raise Unfit
    return key


def named_in(answer: str) -> tuple[Passkey | None, str]:
    """The key that an answer says it comes from, and the id it gives; nothing is proved by that yet."""
    try:
        credential = json.loads(answer)["id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None, ""
    if not isinstance(credential, str) or not credential.isascii() or len(credential) > 1400 or "\0" in credential:
        return None, ""
    return Passkey.objects.select_related("user").filter(credential=credential).first(), credential


@transaction.atomic
def check(key: Passkey, answer: str, *, challenge: str, place: Place) -> None:
    """Make sure that `answer` is the signature of `key` under this challenge, here and now.

    Raises `Unfit`, or `Copied` where the counter of the key is not above the last one.
    """
    import webauthn

    try:
        held = json.loads(answer)["response"].get("userHandle")
        proved = webauthn.verify_authentication_response(
            credential=answer, expected_challenge=_bytes(challenge), expected_rp_id=place.name,
            expected_origin=place.origin, credential_public_key=_bytes(key.public_key),
            credential_current_sign_count=0,  # judged below, under the lock of the row
            require_user_verification=True,
        )
    except Exception as wrong:  # see `keep`
        raise Unfit from wrong
    if held and held != key.handle:
        raise Unfit
    stored = Passkey.objects.select_for_update().filter(pk=key.pk).first()
    if stored is None:
        raise Unfit
    # Keys that travel between devices do not count at all: theirs stays nought.
    if (proved.new_sign_count or stored.sign_count) and proved.new_sign_count <= stored.sign_count:
        raise Copied
    Passkey.objects.filter(pk=key.pk).update(sign_count=proved.new_sign_count, last_used_at=clock.now())


def remove_all(user: User) -> int:
    """Take all passkeys of the person away; returns how many there were."""
    return int(Passkey.objects.filter(user=user).delete()[0])


def _described(keys: Sequence[Passkey], place: Place) -> list[Any]:
    from webauthn.helpers import structs

    return [
        structs.PublicKeyCredentialDescriptor(
            id=_bytes(key.credential), transports=[structs.AuthenticatorTransport(name) for name in key.transports] or None,
        )
        for key in keys if key.place == place.name
    ]


def _transports(answer: str) -> list[str]:
    said = json.loads(answer)["response"].get("transports")
    return [name for name in TRANSPORTS if isinstance(said, list) and name in said]


def _bytes(text: str) -> bytes:
    from webauthn.helpers import base64url_to_bytes

    return base64url_to_bytes(text)


def _text(data: bytes) -> str:
    from webauthn.helpers import bytes_to_base64url

    return bytes_to_base64url(data)
