"""A phone made of software: it makes passkeys and signs with them, also wrongly where a test wants it so."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Device:
    """One key at one place. `count` is the counter the next signature carries."""

    def __init__(self, origin="http://testserver"):
        self.origin, self.count = origin, 1
        self.id = secrets.token_bytes(32)
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.handle = ""

    def _client(self, kind, challenge, origin):
        return json.dumps({"type": f"webauthn.{kind}", "challenge": challenge, "origin": origin or self.origin, "crossOrigin": False}).encode()

    def _data(self, name, flags):
        return hashlib.sha256(name.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def make(self, options, *, origin="", name="", flags=PRESENT | VERIFIED):
        self.handle = options["user"]["id"]
        numbers = self.private.public_key().public_numbers()
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        data = self._data(name or options["rp"]["id"], flags | ATTESTED) + bytes(16) + len(self.id).to_bytes(2, "big") + self.id + key
        self.count += bool(self.count)
        return self._answer({
            "clientDataJSON": text(self._client("create", options["challenge"], origin)),
            "attestationObject": text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})), "transports": ["internal", "made-up"],
        })

    def sign(self, options, *, origin="", name="", flags=PRESENT | VERIFIED, handle=None, challenge=""):
        client = self._client("get", challenge or options["challenge"], origin)
        data = self._data(name or options["rpId"], flags)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        self.count += bool(self.count)  # a counter of nought does not count
        return self._answer({
            "clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature),
            "userHandle": self.handle if handle is None else handle,
        })

    def _answer(self, response):
        return json.dumps({"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response})
