"""The clock, the table of moves, clean texts, events, questions and slots."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from zhike.base import clock
from zhike.base.events import Event
from zhike.base.flow import Flow, Move, State
from zhike.base.questions import Answer, Question
from zhike.base.refused import Conflict, Forbidden, Refused
from zhike.base.slots import Slot
from zhike.base.text import clean_block, clean_line, half_width, number


def test_the_day_is_the_local_one():
    with clock.freeze(datetime(2026, 11, 30, 16, 30, tzinfo=UTC)):
        assert clock.today() == date(2026, 12, 1)
        assert clock.month_key(clock.now()) == "2026-12"
    assert clock.month_key(date(2026, 11, 30)) == "2026-11"


def test_summer_time_of_1986_to_1991():
    """Days are 23 and 25 hours long where the clocks moved, and days still follow each other."""
    lengths = set()
    for year in (1986, 1988, 1991):
        day = date(year, 1, 1)
        while day.year == year:
            start, end = clock.day_range(day)
            lengths.add(end - start)
            assert clock.local(start).date() == day
            assert clock.start_of(day + timedelta(days=1)) == end
            day += timedelta(days=1)
    assert lengths == {timedelta(hours=23), timedelta(hours=24), timedelta(hours=25)}
    assert clock.local(datetime(1990, 5, 31, 15, 30, tzinfo=UTC)).utcoffset() == timedelta(hours=9)


def test_a_moment_without_zone_is_refused():
    with pytest.raises(ValueError):
        clock.local(datetime(2026, 1, 1))


def test_the_clock_can_be_stopped_and_goes_on():
    with clock.freeze("2026-11-24 09:30") as at:
        assert clock.now() == at == datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    assert clock.now() != at


FLOW = Flow(
    "status", [State("a", "A"), State("b", "B"), State("c", "C")],
    [Move("go", ("a",), "b", "edit", "Go"), Move("end", ("a", "b"), "c", "close", "End")],
)


def test_moves_start_from_their_states_only():
    row = SimpleNamespace(status="b")
    assert [move.name for move in FLOW.allowed(row)] == ["end"]
    assert FLOW.check(row, "end").target == "c"
    with pytest.raises(Refused) as no:
        FLOW.check(row, "go")
    assert no.value.code == "flow.go" and "A" in str(no.value)
    with pytest.raises(KeyError):
        FLOW.check(row, "fly")


def test_a_move_to_nowhere_fails_when_declared():
    with pytest.raises(ValueError):
        Flow("status", [State("a", "A")], [Move("go", ("a",), "z", "edit", "Go")])


def test_kinds_of_no():
    assert (Refused("x").status, Conflict("x").status, Forbidden("x").status) == (422, 409, 403)
    assert Conflict("x", theirs={"a": 1}).theirs == {"a": 1}


@pytest.mark.parametrize(("typed", "clean"), [
    ("  示例\u3000 ", "示例"), ("a\u200bb\ufeff", "ab"), ("a\x00b", "ab"), ("a\ud800b", "ab"), ("ab\u202ecd", "abcd"),
    ("a\r\nb\tc", "a b c"), ("e\u0301", "\u00e9"), ("𠮷𬭎", "𠮷𬭎"), ("\U000e0041", ""), ("１２３", "１２３"),
])
def test_clean_lines(typed, clean):
    assert clean_line(typed) == clean


def test_clean_blocks_keep_their_lines():
    assert clean_block("a\r\nb\rc  \n\u200b") == "a\nb\nc"
    assert half_width("ＡＢ１＠　") == "AB1@"


def test_an_event_knows_its_arguments():
    event = Event("tests.happened", args=("how",), doc="A test happened.")
    heard = []
    event.invariant(lambda rows, *, by, how: heard.append((rows, by, how)))
    event.announce(["row"], by="me", how="well")
    assert heard == [(["row"], "me", "well")]
    with pytest.raises(TypeError):
        event.announce(["row"], by="me", why="unknown")
    with pytest.raises(ValueError):
        Event("tests.happened", doc="Twice.")


def test_a_question_collects_every_answer():
    question = Question("tests.asked", doc="Tests?")
    question.answered_by(lambda rows, *, by: [Answer(1, "one")])
    question.answered_by(lambda rows, *, by: [Answer(2, "two"), Answer(3, "three")])
    assert [answer.row_id for answer in question.ask([], by=None)] == [1, 2, 3]


def test_slots_keep_their_order():
    slot: Slot[str] = Slot("tests")
    slot.add("late", "b", order=200)
    slot.add("early", "a", order=1)
    slot.add("late", "c", order=200)
    assert list(slot) == ["a", "c"] and len(slot) == 2 and slot.get("none") is None


@pytest.mark.parametrize(("text", "found"), [
    ("7", 7), ("007", 7), ("9" * 18, int("9" * 18)), ("9" * 19, None), ("", None), ("-1", None), ("1.0", None), ("²", None), ("٣", None), ("7 ", None), ("x", None),
])
def test_a_number_in_an_address_is_one_or_nothing(text, found):
    assert number(text) == found


def test_a_number_has_as_many_digits_as_are_allowed():
    assert (number("9999", 4), number("10000", 4)) == (9999, None)
