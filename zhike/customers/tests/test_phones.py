"""A phone is stored in one form, so that the same number is found however it was written."""

import pytest

from zhike.customers import duplicates


@pytest.mark.parametrize(("typed", "stored"), [
    ("021 5555 1234", "021-55551234"), ("０２１－５５５５１２３４", "021-55551234"), ("+86 139 0000 0001", "13900000001"),
    ("(0512)5555-1234", "0512-55551234"), ("未知", "未知"),
])
def test_one_form_however_typed(make, people, typed, stored):
    row = make.customer("rep", phone=typed)
    row.refresh_from_db()
    assert row.phone == stored
    if stored[0].isdigit():
        found = duplicates.matches(people["rep"], phone=stored)
        assert [match.row for match in found] == [row]
