"""News of accounts."""

from zhike.base.events import Event

passkey_copied = Event(
    "people.passkey_copied", args=("name", "at"),
    doc="Somebody tried to sign in with a passkey whose counter went back, as that of a copy does; it was refused.",
)
