"""The same content from many hands at once, with the sweep between them: one file, and it is there."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from tests.parity.test_concurrency import at_once
from zhike.base import clock
from zhike.collab import store
from zhike.collab.actions import files
from zhike.collab.models import Attachment, Blob

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]
CONTENT = b"%PDF-1.4 the same for everybody"


def upload(row, user):
    taken = files.take_in("a.pdf", [CONTENT], len(CONTENT))
    try:
        return files.attach_files(row, [taken], by=user)
    finally:
        taken.received.discard()


def test_eight_records_one_content(make, people, media, stored):
    rows, user = [make.customer() for _i in range(8)], people["rep"]
    found = at_once(8, lambda i: upload(rows[i], user))
    assert [len(made) for made in found] == [1] * 8, found
    assert Blob.objects.count() == 1 and Attachment.objects.count() == 8
    assert stored() == [hashlib.sha256(CONTENT).hexdigest()]


def test_one_record_takes_it_once(make, people, media):
    row, user = make.customer(), people["rep"]
    found = at_once(6, lambda i: upload(row, user))
    assert sum(isinstance(made, list) for made in found) == 1, found
    assert Attachment.objects.count() == 1


def test_sweeping_while_the_same_content_arrives(make, people, media):
    """The sweep finds the content unused for days at the very moment it is attached again."""
    user, digest = people["rep"], hashlib.sha256(CONTENT).hexdigest()
    rows = [make.customer() for _i in range(6)]
    for row in rows:
        store.place(store.receive([CONTENT]))
        Blob.objects.update_or_create(digest=digest, defaults={"size": len(CONTENT), "touched_at": clock.now() - timedelta(days=3)})
        work = [lambda row=row: upload(row, user), files.sweep]
        found = at_once(2, lambda i, work=work: work[i]())
        assert isinstance(found[0], list), found
        assert store.path_of(digest).read_bytes() == CONTENT
        Attachment.objects.all().delete()
