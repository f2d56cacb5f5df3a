"""Address cards: out within field rights, in as a form to look at."""

import os
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from zhike.customers.models import Contact

CARD = ("BEGIN:VCARD\r\nVERSION:3.0\r\nN:欧阳;示例;;;\r\nFN:欧阳示例\r\nORG:测试甲样例机械有限公司;设备部\r\nTITLE:部长\r\nTEL;TYPE=CELL:138 0000 0001\r\n"
        "TEL;TYPE=WORK:021-55551234\r\nEMAIL:oy@a.example\r\nBDAY:1980-02-29\r\nNOTE:爱喝茶\r\nEND:VCARD\r\n")


def send(client, data, name="a.vcf"):
    return client.post("/contacts/card/", {"file": SimpleUploadedFile(name, data if isinstance(data, bytes) else data.encode())})


def test_a_card_goes_out_and_comes_in_as_it_was(make, sign_in):
    import vobject

    customer = make.customer(name="测试甲样例机械有限公司")
    row = make.contact(customer, name="欧阳示例", mobile="13800000001", phone="021-55551234", job_title="部长；主任", department="设备部",
                       wechat="oy-1", email="oy@a.example")
    rep = sign_in("rep")
    got = rep.get(f"/contacts/{row.pk}/card/")
    assert got["Content-Type"].startswith("text/vcard") and "attachment" in got["Content-Disposition"]
    text = got.content.decode()
    card = vobject.readOne(text)
    assert (card.fn.value, card.n.value.family, card.n.value.given) == ("欧阳示例", "欧阳", "示例")
    assert card.org.value == [customer.name, "设备部"] and "13800000001" in text
    form = send(rep, text).content.decode()
    for part in ("欧阳示例", "13800000001", "021-55551234", "oy@a.example", "部长；主任", f'value="{customer.pk}" selected', 'action="/contacts/new/"'):
        assert part in form, part
    assert Contact.objects.count() == 1


def test_masked_fields_stay_at_home(make, sign_in, people):
    row = make.contact(mobile="13800000001")
    text = sign_in("finance").get(f"/contacts/{row.pk}/card/").content.decode()
    assert "林示例" in text and "138" not in text
    assert sign_in("rep_south").get(f"/contacts/{row.pk}/card/").status_code == 404


def test_the_chosen_ones_in_one_file(make, sign_in, django_assert_max_num_queries):
    customer = make.customer(owner="manager_east")
    rows = [make.contact(customer, owner="manager_east", name=f"林示例{i}") for i in range(6)]
    ids = ",".join(str(row.pk) for row in rows)
    manager = sign_in("manager_east")
    asked = manager.get(f"/contacts/cards/?ids={ids}", headers={"HX-Request": "true"}).content.decode()
    assert f"file=1&amp;ids={ids}" in asked
    with django_assert_max_num_queries(12):
        text = manager.get(f"/contacts/cards/?file=1&ids={ids}").content.decode()
    assert text.count("BEGIN:VCARD") == 6
    assert sign_in("rep").get(f"/contacts/cards/?ids={ids}").status_code == 403  # reps do not export
    assert manager.get("/contacts/cards/?ids=" + ",".join(str(i) for i in range(1, 502))).status_code in (400, 422)


@pytest.mark.parametrize("data", [
    b"", b"hello", b"%PDF-1.4", b"PK\x03\x04" + b"0" * 40, CARD.encode()[:60], (CARD + CARD).encode(), b"BEGIN:VCARD\r\n" + b"x" * 600_000,
])
def test_what_is_no_single_card_is_refused_with_a_reason(make, sign_in, data):
    got = send(sign_in("rep"), data)
    assert got.status_code == 422 and 'role="alert"' in got.content.decode()


def test_old_telephones_write_gbk(make, sign_in):
    assert "欧阳示例" in send(sign_in("rep"), CARD.encode("gb18030")).content.decode()


def test_every_outside_card_fills_the_form_or_is_refused(make, sign_in):
    root = Path(__file__).resolve().parents[3]
    shared = Path(os.environ.get("ZHIKE_SHARED") or root.parent / "shared") / "data" / "interchange" / "vcf"
    if not shared.is_dir():
        pytest.skip("the shared data is not here")
    rep, outcome = sign_in("rep"), {}
    for path in sorted(file for file in shared.rglob("*") if file.is_file() and file.suffix in (".vcf", ".json", ".xml")):
        got = send(rep, path.read_bytes(), path.name)
        page = got.content.decode()
        assert got.status_code in (200, 422), path.name
        assert 'name="job_title"' in page if got.status_code == 200 else 'role="alert"' in page
        outcome[path.name] = got.status_code
    assert len(outcome) >= 19 and sum(code == 200 for code in outcome.values()) >= 13
    assert outcome["John_Doe_ANDROID.vcf"] == outcome["jcard-example.json"] == outcome["rfc6351-example.xml"] == 422
