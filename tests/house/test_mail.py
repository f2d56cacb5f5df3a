"""Sending mail: what is misspelt is named at the start, what cannot be sent is said, what is sent arrives."""

from __future__ import annotations

import os
import socketserver
import threading

import pytest
from django.core.exceptions import ImproperlyConfigured

from zhike.base.refused import Refused
from zhike.config.mail import NoMail, mail

from .drills import Place
from .test_cli import one_line

sqlite_only = pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="the command line, once is enough")


@pytest.mark.parametrize(("url", "sender", "found"), [
    ("smtp://u%40example.com:p%2Fw@mail.example.com", "", {"EMAIL_PORT": 587, "EMAIL_USE_TLS": True, "EMAIL_USE_SSL": False,
     "EMAIL_HOST_USER": "u@example.com", "EMAIL_HOST_PASSWORD": "p/w", "DEFAULT_FROM_EMAIL": "u@example.com"}),
    ("smtps://u:p@mail.example.com", "crm@example.com", {"EMAIL_PORT": 465, "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": True,
     "DEFAULT_FROM_EMAIL": "crm@example.com"}),
    ("smtp://localhost:25/?tls=none", "crm@example.com", {"EMAIL_PORT": 25, "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False}),
    ("", "", {"EMAIL_BACKEND": "zhike.config.mail.NoMail"}),
])
def test_addresses_of_mail_servers(url, sender, found):
    assert found.items() <= mail(url, sender).items()


@pytest.mark.parametrize(("url", "sender", "says"), [
    ("http://mail.example.com", "a@example.com", "ZHIKE_MAIL_URL"), ("smtp://", "a@example.com", "ZHIKE_MAIL_URL"),
    ("mail.example.com:25", "a@example.com", "ZHIKE_MAIL_URL"), ("smtp://h:99999", "a@example.com", "port"),
    ("smtp://h?tls=maybe", "a@example.com", "ZHIKE_MAIL_URL"), ("smtp://h?tsl=none", "a@example.com", "ZHIKE_MAIL_URL"),
    ("smtp://h", "", "ZHIKE_MAIL_FROM"), ("smtp://user:p@h", "", "ZHIKE_MAIL_FROM"), ("smtp://h", "a@example.com\nBcc: b@example.com", "ZHIKE_MAIL_FROM"),
])
def test_wrong_ones_are_named_without_their_password(url, sender, says):
    with pytest.raises(ImproperlyConfigured, match=says) as wrong:
        mail(url, sender)
    assert ":p@" not in str(wrong.value)


def test_without_a_server_a_mail_is_refused_not_lost():
    from django.core.mail import send_mail

    with pytest.raises(Refused, match="ZHIKE_MAIL_URL"):
        send_mail("a", "b", "c@example.com", ["d@example.com"], connection=NoMail())


class Server(socketserver.StreamRequestHandler):
    """A mail server that takes everything."""

    def handle(self):
        self.wfile.write(b"220 hello\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                body = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    body += line
                self.server.taken.append(body)
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")


@pytest.fixture
def server():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server) as found:
        found.taken = []
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


@sqlite_only
@pytest.mark.long
def test_a_trial_arrives_and_the_doctor_knocks(tmp_path, server):
    place = Place(tmp_path).init()
    port = server.server_address[1]
    account = {"ZHIKE_MAIL_URL": f"smtp://127.0.0.1:{port}/?tls=none", "ZHIKE_MAIL_FROM": "crm@example.com"}
    got = place.zhike("mail", "test", "boss@example.com", **account)
    assert got.returncode == 0 and "boss@example.com" in got.stdout, got.stderr
    assert len(server.taken) == 1 and b"From: crm@example.com" in server.taken[0]
    assert "lets us in" in place.zhike("doctor", "--locale", "en", **account).stdout and len(server.taken) == 1
    one_line(place.zhike("mail", "test", "boss@example.com\nBcc: x@example.com", **account), "not an e-mail")
    one_line(place.zhike("mail", "test", "boss@example.com"), "ZHIKE_MAIL_URL")
    one_line(place.zhike("mail", "test", "x@example.com", ZHIKE_MAIL_URL="smtp://h/?tls=x", ZHIKE_MAIL_FROM="a@example.com"), "ZHIKE_MAIL_URL")
    shut = {**account, "ZHIKE_MAIL_URL": "smtp://127.0.0.1:1/?tls=none"}
    one_line(place.zhike("mail", "test", "x@example.com", **shut), "did not take it")
    got = place.zhike("doctor", "--locale", "en", **shut)
    assert got.returncode == 1 and "does not let us in" in got.stdout
    place.zhike("mail", "test", "y@example.com", **account)
    assert len(server.taken) == 2
