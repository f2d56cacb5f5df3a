"""Files on a record and the discussion of it, by a program: the rights and limits of the pages."""

from __future__ import annotations

import hashlib

import pytest

from zhike.collab.actions import comments as said
from zhike.collab.actions import files
from zhike.records.models import HistoryEntry
from zhike.records.teams import share_with

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def _attach(program, path, name, content, code=201):
    return program("POST", f"{path}/files?name={name}", content, code)


def test_a_drawing_goes_up_comes_down_and_is_taken_off(program, make, people):
    row = make.customer("rep")
    rep, path = program("rep"), f"customers/{row.pk}"
    made = _attach(rep, path, "图纸.pdf", PDF)
    assert made["name"] == "图纸.pdf" and made["size"] == len(PDF) and made["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert rep.last["Location"] == f"/api/v1/{path}/files/{made['id']}"
    assert HistoryEntry.objects.get(kind="customer", row_id=row.pk, action="attach").channel == "api"
    assert [one["id"] for one in rep("GET", f"{path}/files")["items"]] == [made["id"]]
    got = rep.client.get(f"/api/v1/{path}/files/{made['id']}", headers={"Range": "bytes=0-7"})
    assert got.status_code == 206 and b"".join(got.streaming_content) == PDF[:8]

    assert _attach(rep, path, "again.pdf", PDF, 422)["code"] == "file.same"
    assert rep("POST", f"{path}/files", PDF, 422)["field"] == "name"
    assert _attach(rep, path, "empty.pdf", b"", 411)["error"]
    assert _attach(rep, path, "picture.png", b"MZ" + b"x" * 200, 422)["error"]
    rep("DELETE", f"{path}/files/{made['id']}", code=204)
    assert rep("GET", f"{path}/files")["items"] == []
    rep("GET", f"{path}/files/{made['id']}", code=404)
    files.restore_file(files.Attachment.objects.get(pk=made["id"]), row, by=people["rep"])
    assert len(rep("GET", f"{path}/files")["items"]) == 1


def test_a_drawing_sent_again_under_its_key_is_one_file(program, make):
    row = make.customer("rep")
    rep, path = program("rep"), f"customers/{row.pk}/files?name=a.pdf"
    first = rep("POST", path, PDF, 201, Idempotency_Key="drawing-4711")
    assert rep("POST", path, PDF, 201, Idempotency_Key="drawing-4711") == first and rep.last["Idempotency-Replayed"] == "true"
    assert rep("POST", path, PDF + b"%", 422, Idempotency_Key="drawing-4711")["code"] == "idempotency.reused"
    assert [one["id"] for one in rep("GET", f"customers/{row.pk}/files")["items"]] == [first["id"]]
    assert not list((files.store.root() / "incoming").iterdir())  # what was sent again is not left lying about


def test_a_file_longer_than_it_says_or_too_long_is_not_kept(program, make, monkeypatch):
    row = make.customer("rep")
    monkeypatch.setattr(files, "MAX_SIZE", 40)
    told = _attach(program("rep"), f"customers/{row.pk}", "long.pdf", PDF, 422)
    assert told["code"] == "file.large" and not files.Attachment.objects.exists()


def test_what_is_out_of_sight_has_no_files_and_no_words(program, make, people):
    mine, other = make.customer("rep"), make.customer("rep_south")
    share_with(other, people["rep"], by=people["rep_south"])
    rep, south = program("rep"), program("rep_south")
    theirs = _attach(south, f"customers/{other.pk}", "a.pdf", PDF)
    assert _attach(rep, f"customers/{other.pk}", "b.pdf", PDF + b" ", 403)["error"]  # read only
    assert rep("GET", f"customers/{other.pk}/files")["items"][0]["id"] == theirs["id"]
    rep("GET", f"customers/{mine.pk}/files/{theirs['id']}", code=404)  # of another record
    for path in ("files", f"files/{theirs['id']}", "comments"):
        south("GET", f"customers/{mine.pk}/{path}", code=404)
    south("POST", f"customers/{mine.pk}/comments", {"text": "在吗"}, 404)
    reading = program("rep", scope="read")
    reading("POST", f"customers/{mine.pk}/comments", {"text": "在吗"}, 403)
    _attach(reading, f"customers/{mine.pk}", "c.pdf", PDF, 403)
    program("rep", kinds=["contact"])("GET", f"customers/{mine.pk}/comments", code=403)


def test_a_discussion_is_read_answered_changed_and_taken_back(program, make, monkeypatch):
    row = make.customer("rep")
    rep, boss, path = program("rep"), program("manager_east"), f"customers/{row.pk}/comments"
    first = rep("POST", path, {"text": "图纸已发"}, 201, Idempotency_Key="comment-0001")
    assert rep("POST", path, {"text": "图纸已发"}, 201, Idempotency_Key="comment-0001")["id"] == first["id"]
    reply = boss("POST", path, {"text": "收到", "parent": first["id"]}, 201)
    assert [(one["id"], one["parent"]) for one in rep("GET", path)["items"]] == [(first["id"], None), (reply["id"], first["id"])]
    assert [one["id"] for one in rep("GET", f"{path}?after={first['id']}")["items"]] == [reply["id"]]
    assert rep("PATCH", f"{path}/{first['id']}", {"text": "图纸第二版已发"})["text"] == "图纸第二版已发"
    boss("PATCH", f"{path}/{first['id']}", {"text": "不是我说的"}, 403)
    boss("DELETE", f"{path}/{first['id']}", code=403)
    rep("DELETE", f"{path}/{first['id']}", code=204)
    gone = rep("GET", path)["items"][0]
    assert gone["text"] == "" and gone["deleted_at"]
    for body in ({"text": ""}, {"text": 7}, {}, {"text": "x", "more": 1}, {"text": "x", "parent": True}, {"text": "x", "parent": 10**17}):
        rep("POST", path, body, 422)
    monkeypatch.setattr(said, "A_MINUTE", 0)
    assert rep("POST", path, {"text": "又来了"}, 422)["code"] == "comment.pace"
