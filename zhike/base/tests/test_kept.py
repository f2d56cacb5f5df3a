"""What is kept in memory is read anew at once after a change, in every process forked from here."""

import os

import pytest
from django.db import transaction

from zhike.base.kept import Kept


def test_it_reads_once_and_again_after_a_change():
    read = []
    kept = Kept(lambda: read.append(1) or len(read))
    assert (kept.get(), kept.get()) == (1, 1)
    kept.forget()
    assert (kept.get(), kept.get()) == (2, 2)
    old = Kept(lambda: read.append(1) or len(read), seconds=0)
    assert (old.get(), old.get()) == (3, 4)
    kept.suppose(9)
    assert kept.get() == 9


def test_a_change_while_it_reads_is_not_lost():
    values = iter((1, 2))

    def read():
        value = next(values)
        if value == 1:
            kept.forget()  # somebody is faster
        return value

    kept = Kept(read)
    assert (kept.get(), kept.get()) == (1, 2)


def test_another_process_sees_it():
    source = ["old"]
    kept = Kept(lambda: source[0])
    assert kept.get() == "old"
    child = os.fork()
    if child == 0:
        kept.forget()
        os._exit(0)
    os.waitpid(child, 0)
    source[0] = "new"
    assert kept.get() == "new"


@pytest.mark.django_db(transaction=True)
def test_a_change_counts_at_once_here_and_for_others_when_stored():
    source = ["old"]
    kept, marks = Kept(lambda: source[0]), []
    kept.get()
    with transaction.atomic():
        source[0] = "new"
        kept.changed()
        assert kept.get() == "new"
        marks.append(kept._last_change())
    assert kept._last_change() != marks[0]
