"""A file or picture in a field of the house's own: sent ahead, saved with the form, served within the rights."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta

import pytest

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.collab.actions import files
from zhike.collab.models import Attachment, Blob
from zhike.collab.tests import things
from zhike.customers.models import Customer
from zhike.masterdata.custom_fields import create_custom_fields
from zhike.org.models import FieldRule, Role
from zhike.org.tokens import create_token
from zhike.records.models import CustomField, HistoryEntry

HOLD = "/about/customers/hold/?field=c_photo"


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def photo(people, media):
    """The field; `photo(required=True)` makes it a required one."""
    def make(**more):
        return create_custom_fields([CustomField(on="customer", label_zh="铭牌照片", type="file", name="c_photo", **more)], by=people["admin"])[0]

    return make


def hidden(page):
    return {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1] for name in ("_once", "_version") if f'name="{name}"' in page}


def send(client, name="铭牌.png", content=None, url=HOLD):
    return client.post(url, {"file": things.upload(name, content or things.picture("PNG", (300, 200)))})


def edit(client, row, **values):
    page = client.get(f"/customers/{row.pk}/edit/").content.decode()
    return client.post(f"/customers/{row.pk}/edit/", {**hidden(page), "name": row.name, "kind": row.kind, **values})


@pytest.mark.both
def test_a_picture_goes_ahead_and_is_saved_with_a_new_record(photo, sign_in, people):
    photo(on_create=True, on_list=True)
    rep = sign_in("rep")
    form = rep.get("/customers/new/").content.decode()
    assert 'data-hold="/about/customers/hold/?field=c_photo"' in form and 'name="c_photo"' in form
    sent = send(rep)
    assert sent.status_code == 201, sent.content
    pk = sent.json()["id"]
    held = Attachment.objects.get(pk=pk)
    assert held.row_id == Attachment.WAITING and rep.get(f"/files/{pk}/?thumb=1").status_code == 200
    assert sign_in("manager_east").get(f"/files/{pk}/").status_code == 404  # nobody else's before it is saved
    rep = sign_in("rep")
    # A refused form keeps the file it was sent with.
    wrong = rep.post("/customers/new/", {**hidden(form), "name": "", "c_photo": pk})
    assert wrong.status_code == 422 and f'value="{pk}"' in wrong.content.decode() and "铭牌.png" in wrong.content.decode()
    got = rep.post("/customers/new/", {**hidden(form), "name": "铭牌测试有限公司", "c_photo": pk})
    assert got.status_code == 303, got.content.decode()[-500:]
    row = Customer.objects.get(name="铭牌测试有限公司")
    assert row.custom == {"c_photo": {"id": pk, "text": "铭牌.png", "picture": True}} and row.c_photo.name == "铭牌.png"
    held.refresh_from_db()
    assert (held.row_id, held.field, held.kind) == (row.pk, "c_photo", "customer")
    assert rep.get(f"/files/{pk}/?inline=1").status_code == 200
    assert sign_in("rep_south").get(f"/files/{pk}/").status_code == 404
    rep = sign_in("rep")
    assert f"/files/{pk}/?thumb=1" in rep.get("/customers/?view=all&q=铭牌测试").content.decode()
    # It is the field's, not one of the loose files of the record.
    assert "铭牌.png" not in rep.get(f"/customers/{row.pk}/files/").content.decode()
    assert rep.post(f"/files/{pk}/remove/", {"_once": hidden(rep.get("/customers/new/").content.decode())["_once"]}).status_code == 422


def test_another_file_takes_its_place_and_the_old_one_goes(photo, make, sign_in, people):
    photo()
    row, rep = make.customer("rep"), sign_in("rep")
    first = send(rep).json()["id"]
    assert edit(rep, row, c_photo=first).status_code == 303
    second = send(rep, "合格证.pdf", things.PDF).json()["id"]
    assert edit(rep, row, c_photo=second).status_code == 303
    row.refresh_from_db()
    assert row.c_photo.id == second and rep.get(f"/files/{first}/").status_code == 404 and rep.get(f"/files/{second}/").status_code == 200
    diff = HistoryEntry.objects.filter(kind="customer", row_id=row.pk, action="edit").latest("pk").diff["c_photo"]
    assert [part["text"] for part in diff] == ["铭牌.png", "合格证.pdf"]
    assert "合格证.pdf" in rep.get(f"/customers/{row.pk}/history/").content.decode()
    assert edit(rep, row, c_photo="").status_code == 303
    row.refresh_from_db()
    assert row.c_photo is None and "c_photo" not in row.custom and rep.get(f"/files/{second}/").status_code == 404


@pytest.mark.both
def test_a_file_is_taken_by_nobody_else_and_by_no_other_field(photo, make, sign_in, people):
    photo()
    create_custom_fields([CustomField(on="customer", label_zh="图纸", type="file", name="c_drawing")], by=people["admin"])
    row, other, rep = make.customer("rep"), make.customer("rep"), sign_in("rep")
    mine = send(rep).json()["id"]
    assert edit(rep, row, c_photo=mine).status_code == 303
    for bad in (mine, "999999", "abc", "-1", "9" * 30, send(sign_in("manager_east")).json()["id"]):
        got = edit(sign_in("rep"), other, c_photo=bad)
        assert got.status_code == 422, bad
    rep = sign_in("rep")
    assert edit(rep, row, c_photo=mine, c_drawing=mine).status_code == 422
    other.refresh_from_db()
    assert other.custom == {} and Attachment.objects.get(pk=mine).row_id == row.pk


def test_field_rights_hold_for_the_file(photo, make, sign_in, people):
    photo(on_list=True)
    row, rep = make.customer("rep"), sign_in("rep")
    pk = send(rep).json()["id"]
    assert edit(rep, row, c_photo=pk).status_code == 303
    for mode in (FieldRule.MASK, FieldRule.HIDE):
        FieldRule.objects.all().delete()
        FieldRule.objects.create(role=Role.objects.get(code="SR"), kind="customer", field="c_photo", mode=mode)
        rep = sign_in("rep")
        assert rep.get(f"/files/{pk}/").status_code == 404
        assert send(rep).status_code == 404
        assert "铭牌.png" not in rep.get("/customers/?view=all").content.decode() + rep.get(f"/customers/{row.pk}/").content.decode()
    assert sign_in("manager_east").get(f"/files/{pk}/").status_code == 200


def test_programs_attach_read_and_empty_it(photo, make, people, client):
    photo()
    headers = {"Authorization": f"Bearer {create_token(people['rep'], scope='write')}"}
    row = make.customer("rep")

    def call(method, path, body=b"", code=200, type="application/json", **more):
        got = client.generic(method, f"/api/v1/{path}", body, content_type=type, headers={**headers, **more})
        assert got.status_code == code, got.content
        return got

    made = call("POST", f"customers/{row.pk}/files?name=a.png", things.picture("PNG", (60, 40)), 201, "application/octet-stream").json()
    told = call("PATCH", f"customers/{row.pk}", json.dumps({"c_photo": made["id"]}), **{"If-Match": "*"}).json()
    assert told["c_photo"] == {"id": made["id"], "name": "a.png", "url": f"/api/v1/customers/{row.pk}/files/{made['id']}"}
    assert b"PNG" in b"".join(call("GET", told["c_photo"]["url"].removeprefix("/api/v1/")).streaming_content)
    assert call("GET", f"customers/{row.pk}/files").json()["items"] == []  # it is the field's now
    assert call("PATCH", f"customers/{row.pk}", '{"c_photo": null}', **{"If-Match": "*"}).json()["c_photo"] is None
    ahead = call("POST", "customers/new/files?name=b.pdf&field=c_photo", things.PDF, 201, "application/pdf").json()
    new = call("POST", "customers", json.dumps({"name": "接口附件有限公司", "c_photo": ahead["id"]}), 201).json()
    assert new["c_photo"]["name"] == "b.pdf"
    for bad in ('"x"', '{"id": "x"}', "true", str(made["id"]), "0"):
        got = call("PATCH", f"customers/{new['id']}", f'{{"c_photo": {bad}}}', 422, **{"If-Match": "*"})
        assert got.json()["field"] == "c_photo"
    call("POST", "customers/new/files?name=b.pdf&field=name", things.PDF, 422, "application/pdf")
    call("POST", "customers/new/files?name=b.pdf", things.PDF, 422, "application/pdf")
    document = call("GET", "openapi.json").json()
    assert document["components"]["schemas"]["Customer"]["properties"]["c_photo"]["properties"]["url"]
    assert document["paths"]["/customers/new/files"]["post"]["parameters"][1]["schema"]["enum"] == ["c_photo"]


def test_a_list_is_exported_with_the_name(photo, make, sign_in):
    photo()
    row, rep = make.customer("manager_east", name="导出附件有限公司"), sign_in("manager_east")
    assert edit(rep, row, c_photo=send(rep).json()["id"]).status_code == 303
    got = rep.get("/customers/export/?format=csv&view=all&q=导出附件&columns=name,c_photo")
    assert list(csv.reader(io.StringIO(b"".join(got.streaming_content).decode("utf-8-sig"))))[1][1] == "铭牌.png"


def test_what_no_form_was_saved_with_is_swept(photo, make, sign_in, people, media):
    photo()
    row, rep = make.customer("rep"), sign_in("rep")
    kept, left = send(rep).json()["id"], send(rep, "b.pdf", things.PDF).json()["id"]
    assert edit(rep, row, c_photo=kept).status_code == 303
    with clock.freeze(clock.now() + timedelta(days=1, minutes=5)):
        assert files.purge_files() == 1 and not Attachment.objects.filter(pk=left).exists()
    with clock.freeze(clock.now() + timedelta(days=3)):
        assert files.sweep() == 1
    assert Blob.objects.count() == 1 and rep.get(f"/files/{kept}/").status_code == 200


def test_there_is_an_end_to_what_waits_and_to_what_is_said(photo, sign_in, monkeypatch):
    photo()
    monkeypatch.setattr(files, "MAX_WAITING", 1)
    rep = sign_in("rep")
    assert send(rep).status_code == 201
    assert send(rep, "b.pdf", things.PDF).status_code == 422
    assert rep.post(HOLD, {}).status_code == 422
    assert send(rep, "x.exe", b"MZ\x90").status_code == 422
    assert send(rep, url="/about/customers/hold/?field=name").status_code == 404
    assert send(rep, url="/about/customers/hold/?field=c_none").status_code == 404
    assert rep.get(HOLD).status_code == 404


def test_a_required_file_is_asked_for_and_no_table_can_give_it(photo, make, sign_in, people):
    from zhike.records.imports.importer import importer

    photo(required=True)
    rep, row = sign_in("rep"), make.customer("rep")
    form = rep.get("/customers/new/").content.decode()
    assert rep.post("/customers/new/", {**hidden(form), "name": "没有照片有限公司"}).status_code == 422
    assert edit(rep, row).status_code == 422
    assert "c_photo" not in importer("customer").targets() and importer("customer").asked_of(people["rep"]) == {}
    assert importer("customer").left_out() == {"c_photo": "铭牌照片"}


def test_a_file_cannot_be_filtered_by(people, media):
    with pytest.raises(Refused) as no:
        create_custom_fields([CustomField(on="customer", label_zh="照片", type="file", filterable=True)], by=people["admin"])
    assert no.value.field == "filterable"
