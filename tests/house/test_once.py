"""R7: every form counts once, however often and however closely together it is sent; of two editors the second is told."""

from __future__ import annotations

import functools
import itertools
import os
import time
from collections import Counter

import pytest
from django.apps import apps
from django.db import connection, models
from django.test import Client

from tests.parity.test_concurrency import at_once

from .filling import Desk, complaint, post_views

pytestmark = [pytest.mark.concurrency, pytest.mark.long, pytest.mark.django_db(transaction=True)]

# Notes of the program about the asking itself, not what was asked for.
ASIDE = {"django_session", "records_oncetoken", "axes_accessattempt", "org_hourlycount"}
GOOD = (200, 204, 303)
POSTS = int(os.environ.get("FAULTS_POSTS", 50))
ONLY = os.environ.get("FAULTS_FORMS", "")  # names with commas: only these
NUMBERS = itertools.count(10_001)
SEED = ("customer-new", "customer-comment", "customer-attach")
EDITS = ("customer-edit", "customer-address", "choice-rename", "activity-finish", "task-checklist", "pool-limits", "opportunity-contact")


@pytest.fixture
def desk(make, people, sign_in, once):
    made = Desk(make, people, sign_in, once)
    for kind in ("opportunity", "lead", "campaign", "opening"):
        made.row(kind)  # counters and rules of numbers are rows that the first record brings
    return made


@functools.cache
def counting():
    """One question for the size of every table, the versions, what is filled in and what is switched on: asked thousands of times."""
    parts = []
    for model in apps.get_models():
        table, fields = model._meta.db_table, model._meta.concrete_fields
        if table not in ASIDE:
            versions = any(field.name == "version" and isinstance(field, models.IntegerField) for field in fields)
            filled = " + ".join([f'count("{field.column}")' for field in fields if field.null and field.name != "updated_by"] or ["0"])
            on = " + ".join([f'coalesce(sum(case when "{field.column}" then 1 else 0 end), 0)' for field in fields if isinstance(field, models.BooleanField)] or ["0"])
            parts.append(f"select '{table}', count(*), {'coalesce(sum(version), 0)' if versions else '0'}, {filled}, {on} from {table}")
    return " union all ".join(parts)


def state():
    """How many rows every table has, the sum of their versions, how much of what may be empty is filled in, and how much is on."""
    with connection.cursor() as cursor:
        cursor.execute(counting())
        return {table: tuple(map(int, numbers)) for table, *numbers in cursor.fetchall()}


def difference(before):
    return {name: tuple(now - then for now, then in zip(numbers, before[name], strict=True)) for name, numbers in state().items() if numbers != before[name]}


def twin(client):
    other = Client(raise_request_exception=False)
    other.cookies = client.cookies.copy()
    return other


def sent_once(desk, name, times):
    """Send a form one time, and one like it so many times at once; "" when both did the same, else what is wrong."""
    desk.settle()
    if name in QUIET | FIRST:
        desk.filled(name).send()
    controls = [""]  # a form that is sent as it was opened may have nothing to do: then something in it is changed
    while controls:
        control = controls.pop(0)
        filled, before = desk.filled(name), state()
        if filled.form and not control:
            controls = [one.name for one in filled.form.controls if one.name and another(one, filled.form) is not None and one.type != "hidden"][:8]
        filled.data.update(changed(filled, control))
        got = filled.send()
        one = difference(before)
        if got.status_code not in GOOD and one:
            return f"refused with {got.status_code}, but wrote {one}"
        if one or name in QUIET:
            break
    else:
        return "did nothing" if got.status_code in GOOD else f"refused: {got.status_code} {complaint(got)}"
    filled = desk.filled(name)
    filled.data.update(changed(filled, control))
    files = {key: value for key, value in filled.data.items() if hasattr(value, "read")}
    before = state()

    def again(_i):
        fresh = {key: type(value)(value.name, value.file.getvalue(), value.content_type) for key, value in files.items()}
        return filled.send(twin(filled.client), **fresh)

    answers = at_once(times, again)
    # "Busy, try again" is what fifty writers on a small machine may hear; then one tries again.
    answers = [again(i) if getattr(answer, "status_code", 0) == 503 else answer for i, answer in enumerate(answers)]
    codes = Counter(getattr(answer, "status_code", repr(answer)) for answer in answers)
    if set(codes) - set(GOOD):
        wrong = next(answer for answer in answers if getattr(answer, "status_code", 0) not in GOOD)
        return f"wrong: answers {dict(codes)} {wrong!r} {complaint(wrong) if hasattr(wrong, 'content') else ''}"
    many = difference(before)
    if many != one:
        return f"wrong: one post {one}, {times} posts {many}"
    if len(places := {answer.get("Location", "") for answer in answers if answer.status_code == 303}) > 1:
        return f"wrong: led to {places}"
    before = state()
    other = filled.send(one_more_field="x", **{key: type(value)(value.name, value.file.getvalue(), value.content_type) for key, value in files.items()})
    if other.status_code in GOOD and name not in SHOWS_ITSELF or difference(before):
        return f"wrong: the token with other contents: {other.status_code} {difference(before)}"
    return ""


# They say no beside the list they lead back to.
SHOWS_ITSELF = {"job-cancel", "job-retry", "job-undo", "import-cancel", "import-check", "import-columns", "import-file", "import-retry", "import-undo",
                "import-delete", "activity-quick", "preferences"}
# One person's own, kept in one place: renewing it makes no second one.
QUIET = {"calendar-address", "message-wishes", "worklog-new", "account-passkey-new", "preferences", "import-file", "view-edit"}
# The first of its kind ever brings a counter with it.
FIRST = {"opening-accept"}
# One's own preferences, keys and files on their way in, on one's own screen: the last word counts.
OWN = {"message-wishes", "preferences", "account-passkey-name", "import-columns", "import-file"}
# What no post is ever made of, or what does nothing that could be counted.
LEFT = {
    "customer-merge-with": "only leads to the page that merges", "contact-merge-with": "only leads to the page that merges",
    "contact-cards": "gives a file; takes no post", "contact-card": "only reads a card; the form of a new contact saves it",
    "worklog-transfer": "work logs stay with their authors", "worklog-transfer-one": "work logs stay with their authors",
    "discussion_group-change": "a group has no field that could be the same in many",
    "account-password": "ends the very session it is sent from",
}


def changed(filled, name):
    """Another value for one field of a form."""
    control = next((one for one in filled.form.controls if one.name == name), None) if name and filled.form else None
    value = another(control, filled.form) if control else None
    return {name: value} if value is not None else {}


def held(form, name):
    """What a form shows in one of its fields."""
    return sorted(value for key, value in form.values if key == name) if form else None


def another(control, form):
    """Another value for a control; None where it takes no other."""
    if control.type in ("text", "textarea"):
        return f"ab{next(NUMBERS)}"
    if control.type == "number":
        return str(int(float(control.value or 0)) + 1)
    if control.type == "select" and not control.search and "multiple" not in control.attrs:
        return next((value for value in control.options if value not in ("", control.value)), None)
    if control.type == "checkbox":
        there = set(held(form, control.name))
        return sorted(there ^ {control.value or "on"}) or None
    return None


def two_editors(desk, name):
    """Two people open the same form; what the first one saves must not be wiped out by the second. "" when it is not."""
    desk.settle()
    first, told, tries = desk.filled(name), "shows nothing that is stored", 0
    for control in first.form.controls if first.form else []:
        if tries > 8 or first.form is None:
            break
        if control.type == "hidden" or not control.name or (value := another(control, first.form)) is None:
            continue
        tries += 1
        second = desk.opened_again(first)
        got = first.send(**{control.name: value})
        if got.status_code not in GOOD:
            told, first = f"refused: {got.status_code} {complaint(got)}", second
            continue
        mine = value if isinstance(value, list) else [value]
        if held(desk.form_of(first.client, first.page, first.url), control.name) != mine:
            first = desk.filled(name)  # this field asks for something new: nothing to overwrite
            continue
        typed = f"cd{next(NUMBERS)}" if control.type in ("text", "textarea") else ""
        other = second.send(**({control.name: typed} if typed else {}))
        text = "" if other.streaming else other.content.decode("utf-8", "replace")
        if other.status_code in GOOD:
            now = held(desk.form_of(first.client, first.page, first.url), control.name)
            return "" if now == mine else f"wrong: {control.name} of the first editor is gone"
        if other.status_code not in (403, 404, 409, 422):
            return f"wrong: {other.status_code}"
        if typed and other.status_code == 409 and (typed not in text or value not in text):
            return f"wrong: 409 without the {'own' if typed not in text else 'other'} text"
        return ""
    return told


def all_of(names, ask):
    """What is said of each; a form that cannot be made ready is told like one that refuses."""
    found = {}
    for name in names:
        try:
            found[name] = ask(name)
        except Exception as missing:  # one form must not hide what is found in all the others
            found[name] = f"not made ready: {missing!r:.200}"
        print(name, found[name] or "ok", flush=True)
    return found


def test_many_identical_posts(desk):
    assert {name: sent_once(desk, name, 8) for name in SEED} == dict.fromkeys(SEED, "")


@pytest.mark.slow
def test_fifty_posts_on_every_form(desk):
    found = all_of(ONLY.split(",") if ONLY else sorted(post_views()), lambda name: sent_once(desk, name, POSTS))
    once = [name for name, text in found.items() if not text]
    print(f"{len(once)} of {len(found)} forms: 50 posts did what one does")
    left = {name: text for name, text in found.items() if text and name not in LEFT}
    print(f"{len(found) - len(once) - len(left)} are left out: {', '.join(sorted(LEFT))}")
    assert not left
    assert ONLY or LEFT.keys() <= found.keys()


def test_the_second_editor_is_told(desk):
    assert {name: two_editors(desk, name) for name in EDITS} == dict.fromkeys(EDITS, "")


@pytest.mark.slow
def test_two_editors_of_every_form(desk):
    found = all_of(ONLY.split(",") if ONLY else sorted(post_views()), lambda name: two_editors(desk, name))
    print(f"{sum(not text for text in found.values())} of {len(found)} forms: nothing was overwritten")
    assert not {name: text for name, text in found.items() if text.startswith("wrong") and name not in OWN}


def test_a_forgotten_token_and_a_forgotten_version_are_found(desk, monkeypatch):
    from zhike.pages.edits import FormPage
    from zhike.records import once

    with monkeypatch.context() as planted:
        planted.setattr(once, "insert_new", lambda token: True)
        assert sent_once(desk, "customer-comment", 4).startswith("wrong: one post")
    monkeypatch.setattr(FormPage, "posted_version", lambda self: None)
    assert two_editors(desk, "contact-edit").endswith("is gone")
    monkeypatch.setattr("zhike.pages.seen.digest", lambda form: "the same")
    assert two_editors(desk, "customer-care-wish").endswith("is gone")


def test_a_code_that_counts_once_stands_a_double_click(desk, monkeypatch):
    """The second half brings a code that the first has just used: it follows the first instead of being refused."""
    from zhike.records import once

    def slow(request, real=once.digest):
        time.sleep(0.2)
        return real(request)

    monkeypatch.setattr(once, "digest", slow)
    assert sent_once(desk, "account-codes", 3) == ""


def test_another_file_under_the_same_token_is_another_post(desk):
    """Back to the form, another file chosen: not "it is here already" but a word, and the file is not lost unseen."""
    filled = desk.filled("customer-attach")
    assert filled.send().status_code == 303
    filled.data["files"] = desk.file(987654)
    before = state()
    got = filled.send()
    assert got.status_code == 422 and not difference(before), got.status_code
    same = desk.filled("customer-attach", data={"files": desk.file(987655)})
    assert same.send().status_code == 303
    assert same.send(files=desk.file(987655)).status_code == 303  # the very same again: the first answer
