"""Attachments through the front door: what is taken, how it is sent out, who gets it, how it goes."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta

import pytest
from PIL import Image

from zhike.base import clock
from zhike.collab import names
from zhike.collab.actions import files
from zhike.collab.models import Attachment, Blob
from zhike.records import history

from . import things
from .things import PDF, upload


def body(got):
    return b"".join(got.streaming_content) if got.streaming else got.content


def words(got):
    return got.content.decode().split("<main")[1].split("</main>")[0]


def only(row):
    return Attachment.objects.get(kind=row.KIND, row_id=row.pk, trashed_at=None)


def test_a_rep_attaches_looks_and_downloads(make, attach, sign_in):
    row, rep = make.customer(), sign_in("rep")
    got = attach(row, upload("合同 扫描件.pdf"), upload("现场.jpg", things.picture()), client=rep)
    assert got.status_code == 303 and got["Location"] == f"/customers/{row.pk}/files/"
    page = rep.get(f"/customers/{row.pk}/files/").content.decode()
    assert "合同 扫描件.pdf" in page and "现场.jpg" in page
    assert '<span class="n">2</span>' in page
    pdf = Attachment.objects.get(name="合同 扫描件.pdf")
    got = rep.get(f"/files/{pdf.pk}/")
    assert body(got) == PDF
    assert got["Content-Type"] == "application/octet-stream" and got["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert got["X-Content-Type-Options"] == "nosniff" and got["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert [(entry.action, entry.diff["files"][1]) for entry in history.of(row) if entry.action == "attach"] == [
        ("attach", name) for name in [one.name for one in Attachment.objects.order_by("-pk")]]
    assert "合同 扫描件.pdf" in rep.get(f"/customers/{row.pk}/history/").content.decode()


@pytest.mark.parametrize("kind", ["customer", "contact", "opportunity", "activity", "task"])
def test_every_kind_has_files(kind, make, attach, sign_in):
    row = getattr(make, kind)()
    assert attach(row, upload("a.pdf")).status_code == 303
    assert "a.pdf" in sign_in("rep").get(attach(row, upload("b.pdf", PDF + b"2"))["Location"]).content.decode()


def test_a_preview_stands_beside_the_list(make, attach, sign_in):
    row, rep = make.customer(), sign_in("rep")
    attach(row, upload("a.pdf"), upload("b.png", things.picture("PNG")), upload("c.zip", things.office()), client=rep)
    pdf, png, zipped = (Attachment.objects.get(name=name) for name in ("a.pdf", "b.png", "c.zip"))
    page = rep.get(f"/customers/{row.pk}/files/?file={pdf.pk}").content.decode()
    assert f'<iframe class="fdoc" src="/files/{pdf.pk}/?inline=1"' in page
    page = rep.get(f"/customers/{row.pk}/files/?file={png.pk}", headers={"HX-Request": "true"}).content.decode()
    assert f'<img class="fpic" src="/files/{png.pk}/?inline=1"' in page and "<html" not in page
    assert 'class="fpk' not in rep.get(f"/customers/{row.pk}/files/?file={zipped.pk}").content.decode()
    got = rep.get(f"/files/{png.pk}/?inline=1")
    assert got["Content-Type"] == "image/png" and got["Content-Disposition"].startswith("inline")
    assert got["Content-Security-Policy"].startswith("sandbox") and got["X-Frame-Options"] == "SAMEORIGIN"
    got = rep.get(f"/files/{zipped.pk}/?inline=1")  # asked for inline, sent as a download all the same
    assert got["Content-Type"] == "application/octet-stream" and got["Content-Disposition"].startswith("attachment")


def test_small_pictures_carry_nothing_of_the_original(make, attach, sign_in):
    row, rep = make.customer(), sign_in("rep")
    original = things.phone_picture(orientation=6)
    assert things.SECRET in original
    attach(row, upload("手机.jpg", original), client=rep)
    found = only(row)
    got = rep.get(f"/files/{found.pk}/?thumb=1")
    small = body(got)
    assert got["Content-Type"] == "image/webp" and things.SECRET not in small
    with Image.open(io.BytesIO(small)) as image:
        assert not dict(image.getexif()) and image.size == (320, 480)  # turned upright: it lay on its side
    assert body(rep.get(f"/files/{found.pk}/")) == original


BAD = [
    ("a.php", b"<?php", "are not taken"), ("a.pHp", b"x", "are not taken"), ("a.html", b"<html>", "are not taken"), ("a.js", b"alert(1)", "are not taken"),
    ("a.exe", b"MZ", "are not taken"), ("a.xlsm", things.office("xl/vbaProject.bin"), "are not taken"), ("noending", b"x", "are not taken"),
    (".htaccess", b"x", "are not taken"), ("a.pdf ", b"", "is empty"), ("a.jpg", b"<html><script>alert(1)</script>", "not what its ending says"),
    ("a.jpg", things.office(), "not what its ending says"), ("a.pdf", b"<html>%PDF-1.4", "not what its ending says"),
    ("a.pdf", things.picture(), "not what its ending says"), ("a.xlsx", b"PK\x03\x04garbage", "not what its ending says"),
    ("a.docx", things.picture(), "not what its ending says"), ("a.xlsx", things.office("xl/vbaProject.bin"), "macros"),
    ("a.txt", b"MZ\x90\x00", "not what its ending says"), ("a.dwg", b"\x7fELF", "not what its ending says"), ("a.step", b"hello", "not what its ending says"),
    ("a.png", things.huge_png(), "too many pixels"), ("a.png", things.picture("PNG")[:200], "damaged"), ("a.svg", b"#!/bin/sh", "not what its ending says"),
    ("a.jpg\u202egpj.exe", b"MZ", "are not taken"), ("a．ｅｘｅ", b"MZ", "are not taken"), ("a.exe.", b"MZ", "are not taken"),
]


@pytest.mark.parametrize(("name", "content", "why"), BAD, ids=[f"{i}-{name.encode('ascii', 'ignore').decode()}" for i, (name, *_r) in enumerate(BAD)])
def test_what_is_not_taken(name, content, why, make, attach, stored, people):
    row = make.customer()
    user = people["rep"]
    user.language = "en"
    user.save()
    got = attach(row, upload(name, content))
    assert got.status_code == 422 and why in got.content.decode(), got.content.decode()[-1500:]
    assert not Attachment.objects.exists() and stored() == []


GOOD = [("a.svg", b"<svg onload=alert(1)>"), ("b.txt", "纯文本".encode()), ("c.dwg", b"AC1032...."), ("d.step", b"ISO-10303-21;"), ("e.zip", things.office()),
        ("f.heic", b"\0\0\0 ftypheic"), ("g.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), ("h.TIF", things.picture("TIFF")), ("i.csv", b"=1+1")]


@pytest.mark.parametrize(("name", "content"), GOOD, ids=[name for name, _c in GOOD])
def test_what_is_only_ever_a_download(name, content, make, attach, sign_in):
    row, rep = make.customer(), sign_in("rep")
    assert attach(row, upload(name, content), client=rep).status_code == 303
    got = rep.get(f"/files/{only(row).pk}/?inline=1")
    assert got["Content-Type"] == "application/octet-stream" and got["Content-Disposition"].startswith("attachment")
    assert got["Content-Security-Policy"].startswith("sandbox") and body(got) == content


def test_a_picture_that_is_also_a_page_stays_a_picture(make, attach, sign_in):
    """A GIF with script in its comment, a JPEG with a zip behind it: taken, and told to be pictures, in a sandbox."""
    row, rep = make.customer(), sign_in("rep")
    gif = things.picture("GIF", comment=b"<script>alert(1)</script>")
    attach(row, upload("a.gif", gif), upload("b.jpg", things.picture() + things.office()), client=rep)
    for found in Attachment.objects.all():
        got = rep.get(f"/files/{found.pk}/?inline=1")
        assert got["Content-Type"] in ("image/gif", "image/jpeg") and got["X-Content-Type-Options"] == "nosniff"
        assert got["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


NAMES = [
    ("../../etc/passwd.txt", "passwd.txt"), ("C:\\Users\\a\\图纸.pdf", "图纸.pdf"), ("a\x00b.pdf", "ab.pdf"), ("evil\u202efdp.exe", "evilfdp.exe"),
    ("CON.pdf", "_CON.pdf"), ("aux", "_aux"), ('a"b\r\nSet-Cookie: x.pdf', "a_b Set-Cookie_ x.pdf"), ("合" * 255 + ".pdf", "合" * 116 + ".pdf"),
    (".pdf", "pdf"), ("...", "file"), ("", "file"), ("   .pdf", "pdf"), ("a.pdf...", "a.pdf"), ("🙂.pdf", "🙂.pdf"), ("a／b.pdf", "a_b.pdf"), ("\ud800.pdf", "pdf"),
]


@pytest.mark.parametrize(("given", "kept"), NAMES)
def test_names_are_cleaned(given, kept):
    assert names.clean(given) == kept
    assert names.clean(kept) == kept


def test_a_name_cannot_break_the_header(make, attach, sign_in):
    row, rep = make.customer(), sign_in("rep")
    attach(row, upload("a.pdf"), client=rep)
    Attachment.objects.update(name='x"; filename=evil.html; a\r\nX-Evil: 1.pdf')  # however it came there
    got = rep.get(f"/files/{only(row).pk}/")
    assert got["Content-Disposition"] == 'attachment; filename="x\\"; filename=evil.html; a X-Evil: 1.pdf"' and "X-Evil" not in got.headers


def test_an_equal_name_gets_a_number_and_equal_content_is_pointed_out(make, attach):
    row = make.customer()
    attach(row, upload("a.pdf"))
    attach(row, upload("a.pdf", PDF + b"other"))
    assert sorted(Attachment.objects.values_list("name", flat=True)) == ["a (2).pdf", "a.pdf"]
    got = attach(row, upload("b.pdf"))
    assert got.status_code == 422 and Attachment.objects.count() == 2


def test_the_good_ones_stay_when_some_are_refused(make, attach, sign_in):
    row = make.customer()
    got = attach(row, upload("a.pdf"), upload("b.exe", b"MZ"), upload("c.pdf", b""), **{"HX-Request": "true", "HX-Target": "tab"})
    page = got.content.decode()
    assert got.status_code == 200 and page.count('class="nt bad"') == 2 and "a.pdf" in page
    assert only(row).name == "a.pdf"


def test_size_and_number_are_limited(make, attach, monkeypatch, stored):
    from zhike.collab import uploads

    row = make.customer()
    monkeypatch.setattr(uploads, "MAX_FILE", 1000)
    got = attach(row, upload("gross.pdf", PDF + b"x" * 1000), upload("ok.pdf"))
    assert got.status_code == 303 and only(row).name == "ok.pdf"
    got = attach(row, upload("gross.pdf", PDF + b"x" * 70_000))
    assert got.status_code == 422 and "gross.pdf" in got.content.decode()
    monkeypatch.setattr(uploads, "MAX_REQUEST", 500)
    assert attach(row, upload("z.pdf", PDF + b"y" * 600)).status_code == 413
    monkeypatch.undo()
    monkeypatch.setattr(files, "MAX_OF_ROW", 1)
    assert attach(row, upload("n.pdf", PDF + b"n")).status_code == 422
    assert Attachment.objects.count() == 1 and len(stored()) == 1


def test_a_full_disk_refuses_in_words(make, attach, monkeypatch, stored):
    from zhike.collab import store

    monkeypatch.setattr(store, "RESERVE", 2**62)
    got = attach(make.customer(), upload("a.pdf"))
    assert got.status_code == 422 and "disk" in got.content.decode() or "磁盘" in got.content.decode()
    assert stored() == []


def test_parts_of_a_pdf(make, attach, sign_in):
    row, rep = make.customer(), sign_in("rep")
    attach(row, upload("a.pdf"), client=rep)
    url = f"/files/{only(row).pk}/?inline=1"

    def ask(span):
        got = rep.get(url, headers={"Range": span})
        return got.status_code, body(got), got.headers.get("Content-Range")

    n = len(PDF)
    assert ask("bytes=0-9") == (206, PDF[:10], f"bytes 0-9/{n}")
    assert ask("bytes=10-") == (206, PDF[10:], f"bytes 10-{n - 1}/{n}")
    assert ask("bytes=-7") == (206, PDF[-7:], f"bytes {n - 7}-{n - 1}/{n}")
    assert ask(f"bytes=0-{10**14}") == (206, PDF, f"bytes 0-{n - 1}/{n}")
    assert ask(f"bytes={n}-") == (416, b"", f"bytes */{n}")
    for odd in ("bytes=0-1,3-4", "lines=1-2", "bytes=-", "bytes=9-3", f"bytes={'9' * 400}-", ""):
        assert ask(odd)[:2] == (200, PDF), odd
    got = rep.get(url)
    assert got["Accept-Ranges"] == "bytes" and int(got["Content-Length"]) == n
    assert rep.get(url, headers={"If-None-Match": got["ETag"]}).status_code == 304
    assert rep.head(url).status_code == 200


def test_who_does_not_see_the_record_does_not_see_the_file(make, attach, sign_in, once):
    row = make.customer()
    attach(row, upload("a.jpg", things.picture()))
    found = only(row)
    for who in ("rep_south", "warehouse"):
        client = sign_in(who)
        for query in ("", "?inline=1", "?thumb=1"):
            foreign, unknown = client.get(f"/files/{found.pk}/{query}"), client.get(f"/files/987654321/{query}")
            assert foreign.status_code == unknown.status_code == 404
            assert words(foreign) == words(unknown)
        assert client.post(f"/files/{found.pk}/remove/", {"_once": once()}).status_code == 404
        assert attach(row, upload("b.pdf"), client=client).status_code == 404
    auditor = sign_in("auditor")
    assert auditor.get(f"/files/{found.pk}/").status_code == 200
    assert auditor.post(f"/files/{found.pk}/remove/", {"_once": once()}).status_code == 403
    assert attach(row, upload("b.pdf"), client=auditor).status_code == 403
    assert "files-add" not in auditor.get(f"/customers/{row.pk}/files/").content.decode()
    assert Attachment.objects.filter(trashed_at=None).count() == 1


def test_a_right_withdrawn_counts_at_once(make, attach, sign_in, people):
    from zhike.records import teams

    row = make.customer()
    attach(row, upload("a.pdf"))
    url = f"/files/{only(row).pk}/"
    teams.share_row(row, [people["rep_south"]], by=people["admin"])
    guest = sign_in("rep_south")
    tag = guest.get(url)["ETag"]
    assert guest.get(url, headers={"If-None-Match": tag}).status_code == 304
    teams.unshare_row(row, [people["rep_south"]], by=people["admin"])
    assert guest.get(url, headers={"If-None-Match": tag}).status_code == 404


def test_a_refused_upload_leaves_nothing(make, attach, sign_in, stored):
    row = make.customer()
    before = history.of(row).count()
    assert attach(row, upload("a.pdf"), who="rep_south").status_code == 404
    assert attach(row, upload("a.pdf"), who="auditor").status_code == 403
    assert stored() == [] and history.of(row).count() == before


def test_removed_brought_back_and_purged(make, attach, sign_in, once, stored):
    row, rep = make.customer(), sign_in("rep")
    attach(row, upload("a.pdf"), client=rep)
    found = only(row)
    url = f"/files/{found.pk}/"
    assert rep.post(f"{url}remove/", {"_once": once()}).status_code == 303
    undo_url = rep.session["toasts"][-1]["undo_url"]
    assert rep.get(url).status_code == 404 and "a.pdf" not in rep.get(f"/customers/{row.pk}/files/", headers={"HX-Request": "true"}).content.decode().split("toasts")[0]
    assert sign_in("manager_east").post(undo_url, {"_once": once()}).status_code == 422
    assert rep.post(undo_url, {"_once": once()}).status_code == 303
    assert rep.get(url).status_code == 200
    assert rep.post(undo_url, {"_once": once()}).status_code == 422
    assert [entry.action for entry in history.of(row)[:3]] == ["attach", "detach", "attach"]
    rep.post(f"{url}remove/", {"_once": once()})
    with clock.freeze(clock.now() + timedelta(days=29)):
        assert files.purge_files() == 0
    with clock.freeze(clock.now() + timedelta(days=31)):
        assert files.purge_files() == 1
        assert files.sweep() == 0 and len(stored()) == 1  # let go a moment ago
    with clock.freeze(clock.now() + timedelta(days=33)):
        assert files.sweep() == 1
    assert stored() == [] and not Blob.objects.exists()


def test_one_content_on_two_records_is_kept_until_both_let_go(make, attach, sign_in, once, stored):
    rep = sign_in("rep")
    one, two = make.customer(), make.customer()
    attach(one, upload("a.pdf"), client=rep)
    attach(two, upload("anders.pdf"), client=rep)
    assert Blob.objects.count() == 1 and stored() == [hashlib.sha256(PDF).hexdigest()]
    rep.post(f"/files/{only(one).pk}/remove/", {"_once": once()})
    with clock.freeze(clock.now() + timedelta(days=31)):
        files.purge_files()
    with clock.freeze(clock.now() + timedelta(days=40)):
        assert files.sweep() == 0
    assert body(rep.get(f"/files/{only(two).pk}/")) == PDF


def test_a_kill_between_file_and_row(make, attach, stored, monkeypatch):
    """What has a place but no row is not lost sight of, and not swept before a day has passed."""
    row = make.customer()

    def killed(*args, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(Attachment.objects, "bulk_create", killed)
    with pytest.raises(KeyboardInterrupt):
        attach(row, upload("a.pdf"))
    monkeypatch.undo()
    assert not Attachment.objects.exists()
    assert stored() == [hashlib.sha256(PDF).hexdigest()] and not Blob.objects.exists()
    assert files.sweep() == 0 and len(stored()) == 1
    with clock.freeze(clock.now() + timedelta(hours=23)):
        assert files.sweep() == 0 and len(stored()) == 1
    assert attach(row, upload("a.pdf")).status_code == 303  # taken up again: stays for good
    with clock.freeze(clock.now() + timedelta(days=9)):
        assert files.sweep() == 0 and len(stored()) == 1


def test_strangers_and_leftovers_go_after_a_day(db, media, stored):
    import os
    import time

    from zhike.collab import store

    received = store.receive([b"nobody's"])
    store.place(received)
    old = store.new_path()
    old.write_bytes(b"half")
    os.utime(old, (time.time() - 90_000,) * 2)
    fresh = store.new_path()
    fresh.write_bytes(b"under way")
    assert files.sweep() == 0
    assert stored() == sorted([received.digest, fresh.name])
    with clock.freeze(clock.now() + timedelta(hours=25)):
        assert files.sweep() == 1
    assert stored() == [fresh.name]


def test_a_file_that_vanished_from_the_disk_is_a_404(make, attach, sign_in, media):
    row = make.customer()
    attach(row, upload("a.pdf"))
    for path in media.rglob("*"):
        if path.is_file():
            path.unlink()
    assert sign_in("rep").get(f"/files/{only(row).pk}/").status_code == 404


def test_a_repeated_post_attaches_once(make, sign_in, media):
    row, rep = make.customer(), sign_in("rep")
    for _time in range(3):
        assert rep.post(f"/about/customers/{row.pk}/attach/", {"files": [upload("a.pdf")], "_once": "x" * 20}).status_code == 303
    assert Attachment.objects.count() == 1


def test_a_content_whose_file_is_gone_is_brought_again(make, attach, sign_in, stored):
    """A sweep killed between file and commit leaves a row without file; the next upload must not trust the row."""
    Blob.objects.create(digest=hashlib.sha256(PDF).hexdigest(), size=len(PDF), touched_at=clock.now())
    row = make.customer()
    assert attach(row, upload("a.pdf")).status_code == 303
    assert body(sign_in("rep").get(f"/files/{only(row).pk}/")) == PDF and len(stored()) == 1


def test_a_forgotten_right_is_found(make, attach, sign_in, once, monkeypatch):
    """These tests are alive: a record that everybody sees turns them red."""
    from zhike.records.kinds import Kind

    monkeypatch.setattr(Kind, "visible", lambda self, user, mode="plain": self.model.objects.all())
    with pytest.raises(AssertionError):
        test_who_does_not_see_the_record_does_not_see_the_file(make, attach, sign_in, once)


def test_a_trusted_name_is_found(make, attach, stored, people, monkeypatch):
    """A judge who believes the ending turns the list of bad files red."""
    from zhike.collab import sniffing

    monkeypatch.setattr(sniffing, "judge", lambda found, name: sniffing.Verdict(Attachment.OTHER))
    with pytest.raises(AssertionError):
        test_what_is_not_taken("a.jpg", b"<html>", "not what its ending says", make, attach, stored, people)
