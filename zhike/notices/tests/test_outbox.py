"""What leaves the house leaves once: kills, refusals and broken lines between us and the mail server."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from zhike.base import clock
from zhike.notices import mailing, outbox
from zhike.notices.actions import text_of
from zhike.notices.models import Message, Outgoing
from zhike.org.models import User

pytestmark = pytest.mark.django_db
DAY = "2026-11-24 10:00"


class Server(EmailBackend):
    """A mail server that can be told what to answer."""

    away: Exception | None = None
    answers: dict[str, BaseException] = {}
    after: BaseException | None = None  # what happens once it has taken a mail

    def open(self):
        if self.away:
            raise self.away

    def send_messages(self, messages):
        for message in messages:
            if message.to[0] in self.answers:
                raise self.answers[message.to[0]]
        taken = super().send_messages(messages)
        if self.after:
            raise self.after
        return taken


@pytest.fixture
def server(settings, monkeypatch):
    settings.MAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.example.com", "知客 <crm@example.com>"
    settings.EMAIL_BACKEND = f"{__name__}.Server"
    monkeypatch.setattr(Server, "answers", {})
    return lambda **now: [monkeypatch.setattr(Server, name, value) for name, value in now.items()]


@pytest.fixture
def letter(people):
    def put(name="lin", by="rep", **more):
        return outbox.put_out("mail", f"{name}@example.com", "祝您生日快乐！", key=name, subject="生日问候", by=people[by] if by else None, **more)

    return put


def at(minutes):
    return clock.freeze(clock.local(clock.now()) + timedelta(minutes=minutes))


def test_a_kill_between_taking_and_noting_never_sends_twice(server, letter):
    server(after=KeyboardInterrupt())
    with clock.freeze(DAY):
        row = letter()
        with pytest.raises(KeyboardInterrupt):
            outbox.send_waiting()
        server(after=None)
        outbox.send_waiting()
        row.refresh_from_db()
        assert row.state == "sending" and len(mail.outbox) == 1 and outbox.take_back([row.pk]) == 0
        with at(60):
            outbox.send_waiting()
        row.refresh_from_db()
        assert row.state == "failed" and len(mail.outbox) == 1
        assert "可能已经送达" in mailing.words(row.error)
        told = Message.objects.get(receiver__username="rep")
        assert "生日问候" in text_of(told) and "可能已经送达" in text_of(told)


def test_a_line_that_breaks_while_it_is_handed_over_is_not_tried_again(server, letter):
    server(after=SMTPServerDisconnected("timed out"))
    with clock.freeze(DAY):
        row = letter()
        outbox.send_waiting()
        with at(600):
            outbox.send_waiting()
    row.refresh_from_db()
    assert row.state == "failed" and row.error.startswith("unclear") and len(mail.outbox) == 1


def test_a_refused_address_fails_at_once_in_words_and_the_others_leave(server, letter):
    server(answers={"nobody@example.com": SMTPRecipientsRefused({"nobody@example.com": (550, "5.1.1 没有此用户".encode())}),
                    "full@example.com": SMTPDataError(452, b"mailbox full")})
    with clock.freeze(DAY):
        gone, full, fine = letter("nobody"), letter("full"), letter("lin")
        assert outbox.send_waiting() == 1
        for row in (gone, full, fine):
            row.refresh_from_db()
        assert [row.state for row in (gone, full, fine)] == ["failed", "waiting", "sent"]
        said = text_of(Message.objects.get(receiver__username="rep"))
        assert "550 5.1.1 没有此用户" in said and "{" not in said
        server(answers={})
        with at(6):
            outbox.send_waiting()
    assert [one.to[0] for one in mail.outbox] == ["lin@example.com", "full@example.com"]


def test_a_server_that_cannot_be_reached_costs_no_try(server, letter):
    server(away=ConnectionRefusedError(111, "Connection refused"))
    with clock.freeze(DAY):
        first, second = letter("a"), letter("b")
        for hours in range(0, 100, 10):
            with at(60 * hours):
                outbox.send_waiting()
        for row in (first, second):
            row.refresh_from_db()
            assert row.state == "waiting" and row.attempts == 0
        assert "连接不上" in mailing.words(first.error)
        server(away=None)
        with at(60 * 101):
            assert outbox.send_waiting() == 2


def test_what_nobody_tried_for_a_week_does_not_leave_by_surprise(server, letter):
    with clock.freeze(DAY):
        old = letter()
        with at(8 * 24 * 60):
            new = letter("neu")
            assert outbox.send_waiting() == 1
            old.refresh_from_db()
            new.refresh_from_db()
            assert (old.state, new.state) == ("failed", "sent") and "超过一周" in mailing.words(old.error)


def test_it_comes_from_the_colleague_and_answers_go_there(server, letter, people):
    User.objects.filter(pk=people["rep"].pk).update(email="rep@example.com")
    with clock.freeze(DAY):
        row = Outgoing.objects.select_related("sender").get(pk=letter().pk)
        first, again = mailing.written(row), mailing.written(row)
        assert first.extra_headers["Message-ID"] == again.extra_headers["Message-ID"] and "@example.com>" in first.extra_headers["Message-ID"]
        assert str(people["rep"]) in first.from_email and first.from_email.endswith("<crm@example.com>") and first.reply_to == ["rep@example.com"]
        sent = first.message()
        assert "utf-8" in str(sent["Content-Type"]).lower() and b"=?utf-8?" in first.message().as_bytes().lower()
        house = mailing.written(letter("house", by=""))
        assert house.from_email == '"知客" <crm@example.com>' and not house.reply_to
