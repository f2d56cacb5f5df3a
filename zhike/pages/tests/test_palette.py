"""The palette: records, what can be done with the best of them, actions and places by name, pinyin or initials."""

import pytest

pytestmark = pytest.mark.django_db


def asked(client, q):
    got = client.get("/palette/", {"q": q}, HTTP_HX_REQUEST="true")
    assert got.status_code == 200
    return got.content.decode()


def test_the_best_hit_brings_what_one_does_with_it(make, sign_in):
    row, other = make.customer("rep", name="示例桃源包装有限公司"), make.customer("rep", name="示例蓬莱包装有限公司")
    page = asked(sign_in("rep"), "桃源")
    assert f"/customers/{row.pk}/#composer" in page and f"/opportunities/new/?customer={row.pk}" in page and other.name not in page
    assert page.count("#composer") == 1
    assert "#composer" not in asked(sign_in("rep_south"), "桃源")  # who does not see the record is offered nothing with it
    assert "/opportunities/new/?customer=" not in asked(sign_in("finance"), "桃源")  # nor who may not make it


@pytest.mark.parametrize(("typed", "address"), [
    ("看板", "/opportunities/board/"), ("sjkb", "/opportunities/board/"), ("shangjikanban", "/opportunities/board/"), ("xjkh", "/customers/new/"),
    ("wdzh", "/me/"), ("我的导入", "/imports/"), ("htzy", "/jobs/"),
])
def test_actions_and_places_are_found_as_one_types(sign_in, typed, address):
    assert f'href="{address}"' in asked(sign_in("rep"), typed)


def test_places_out_of_reach_are_not_offered(sign_in):
    assert 'href="/settings/roles/"' in asked(sign_in("admin"), "js") and 'href="/settings/roles/"' not in asked(sign_in("rep"), "js")
    assert "没有找到" in asked(sign_in("rep"), "zzzzq")


def test_every_entry_can_be_named_by_a_screen_reader(make, sign_in):
    make.customer("rep", name="示例桃源包装有限公司")
    page = asked(sign_in("rep"), "桃源")
    n = page.count('role="option"')
    assert n >= 3 and page.count('aria-selected="true"') == 1 and all(f'id="pal-{i}"' in page for i in range(n))
