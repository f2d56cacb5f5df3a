"""Administrators keep accounts through the pages; nobody gets more than the one who gives."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from zhike.base import clock
from zhike.org.access import access_of
from zhike.org.models import ApiToken, Department, PasswordLink, Role, RolePermission, Scope, SignedIn, User
from zhike.org.tokens import create_token
from zhike.records import history

pytestmark = pytest.mark.django_db
GOOD = "stille-drehbank-77"


def page(client, address, /, *args, **query):
    return client.get(reverse(address, args=args), query).content.decode()


def post(client, once, address, /, *args, **data):
    return client.post(reverse(address, args=args), {"_once": once(), **data})


def link_for(client, once, user):
    got = post(client, once, "user-link", user.pk)
    assert got.status_code == 200, got.content.decode()[-500:]
    return re.search(r'value="http://[^/"]+(/password/[^"]+)"', got.content.decode())[1]


@pytest.fixture
def keeper(people):
    """Somebody who keeps the accounts of the eastern department without being an administrator."""
    role = Role.objects.create(code="KEEP", name_zh="账号管理", name_en="account keeper", order=90)
    RolePermission.objects.bulk_create(
        RolePermission(role=role, kind=kind, action=action) for kind in ("user", "role") for action in ("view", "add", "edit")
    )
    user = people["manager_east"]
    user.roles.add(role)
    return user


def test_a_colleague_is_added_gets_a_link_and_signs_in(sign_in, once, people):
    admin = sign_in("admin")
    got = post(admin, once, "user-new", name="新来的", username="newcomer", department=people["rep"].department_id,
               language="zh-hans", roles=["SR"])
    assert got.status_code == 303, got.content.decode()[-2000:]
    user = User.objects.get(username="newcomer")
    assert list(user.roles.values_list("code", flat=True)) == ["SR"] and not user.has_usable_password()
    assert 'class="nt wait"' in page(admin, "user-detail", user.pk)  # no password yet
    assert [line.action for line in history.of(user)] == ["roles", "create"]
    address = link_for(admin, once, user)
    token = address.split("/")[2]
    assert token not in str(list(PasswordLink.objects.values())) + str([line.args for line in history.of(user)])
    stranger = Client()
    assert "newcomer" in stranger.get(address).content.decode()
    for weak in ("short", "12345678901", "password123", "newcomer99"):
        assert stranger.post(address, {"password": weak, "again": weak}).status_code == 422, weak
    assert stranger.post(address, {"password": GOOD, "again": GOOD + "x"}).status_code == 422
    assert stranger.post(address, {"password": GOOD, "again": GOOD})["Location"] == "/sign-in/"
    assert stranger.post("/sign-in/", {"username": "newcomer", "password": GOOD}).status_code == 303
    assert Client().get(address).status_code == Client().post(address, {"password": GOOD, "again": GOOD}).status_code == 404


def test_a_link_ends_by_time_by_the_next_one_and_by_disabling(sign_in, once, people):
    admin, user = sign_in("admin"), people["rep"]
    first = link_for(admin, once, user)
    second = link_for(admin, once, user)
    assert Client().get(first).status_code == 404 and Client().get(second).status_code == 200
    with clock.freeze(clock.now() + timedelta(hours=24, seconds=1)):
        assert Client().get(second).status_code == 404
    post(admin, once, "user-disable", user.pk, keeps_records="on")
    assert Client().get(second).status_code == 404
    answers = {Client().get(address).content for address in (first, second, "/password/" + "x" * 43 + "/", "/password/x/")}
    assert len({re.sub(rb'(csrf[^>]*value=")[^"]*|"X-CSRFToken": "[^"]*"', b"", answer) for answer in answers}) == 1


def test_disabling_ends_sessions_and_tokens_and_names_what_is_left(sign_in, once, people, make):
    make.customer("rep")
    admin, rep, token = sign_in("admin"), sign_in("rep"), create_token(people["rep"])
    assert rep.get("/customers/").status_code == 200 and SignedIn.objects.filter(user=people["rep"]).count() == 1
    got = post(admin, once, "user-disable", people["rep"].pk)
    assert got.status_code == 422 and f"owner={people['rep'].pk}" in got.content.decode() and people["rep"].is_active
    assert post(admin, once, "user-disable", people["rep"].pk, keeps_records="on").status_code == 303
    assert rep.get("/customers/").status_code == 302
    assert not SignedIn.objects.filter(user=people["rep"]).exists()
    assert not ApiToken.objects.filter(user=people["rep"], revoked_at__isnull=True).exists()
    assert post(admin, once, "user-enable", people["rep"].pk).status_code == 303
    assert rep.get("/customers/").status_code == 302  # the old session does not come back to life
    assert rep.get("/api/v1/customers", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_the_last_administrator_stays(sign_in, once, people):
    admin = people["admin"]
    assert User.objects.filter(is_admin=True).count() == 1
    client = sign_in("admin")
    assert post(client, once, "user-disable", admin.pk).status_code == 422
    got = post(client, once, "user-edit", admin.pk, _version=admin.version, name=admin.name, username="admin", language="zh-hans")
    assert got.status_code == 422
    assert people["admin"].is_admin and people["admin"].is_active
    second = people["gm"]
    form = {"_version": second.version, "name": second.name, "username": "gm", "language": "zh-hans", "roles": ["GM"], "is_admin": "on"}
    assert post(client, once, "user-edit", second.pk, **form).status_code == 303
    assert people["gm"].is_admin
    assert post(sign_in("gm"), once, "user-disable", admin.pk, keeps_records="on").status_code == 303
    assert not people["admin"].is_active
    assert post(sign_in("gm"), once, "user-disable", second.pk).status_code == 422


def test_roles_are_history_and_count_with_the_next_click(sign_in, once, people):
    admin, user = sign_in("admin"), people["rep"]
    browser = sign_in("rep")
    assert browser.get("/reports/won/").status_code == 200
    got = post(admin, once, "user-edit", user.pk, _version=user.version, name=user.name, username="rep", language="zh-hans",
               department=user.department_id, job_title=user.job_title, employee_no=user.employee_no, email=user.email, mobile=user.mobile)
    assert got.status_code == 303
    assert browser.get("/customers/").status_code == 404
    line = history.of(user).first()
    assert line.action == "roles" and line.diff == {"roles": [["SR"], []]}
    stale = post(admin, once, "user-edit", user.pk, _version=user.version, name="另一个", username="rep", language="zh-hans")
    assert stale.status_code == 409 and people["rep"].name == user.name


@pytest.mark.parametrize("bad", [{"username": "REP_SOUTH"}, {"username": "a b"}, {"username": "x\x00y"}, {"username": ""}, {"roles": ["NONE"]},
                                 {"department": "999999"}, {"email": "nonsense"}, {"language": "xx"}, {"name": "长" * 51}])
def test_bad_input_is_refused_in_words(sign_in, once, people, bad):
    before = User.objects.count()
    got = sign_in("admin").post(reverse("user-new"), {"_once": once(), "name": "某人", "username": "somebody", "language": "zh-hans", **bad})
    assert got.status_code == 422 and 'role="alert"' in got.content.decode()
    assert User.objects.count() == before


def test_a_keeper_gives_only_what_he_holds(sign_in, once, people, keeper):
    client = sign_in("manager_east")
    rep, far, gm, admin = people["rep"], people["rep_south"], people["gm"], people["admin"]
    form = {"name": rep.name, "username": "rep", "language": "zh-hans", "department": rep.department_id}
    # Within his own department and rights: allowed.
    assert post(client, once, "user-edit", rep.pk, _version=people["rep"].version, **form, roles=["SR"]).status_code == 303
    # A role that reaches everything, a place in another department with its manager's role, an administrator: not.
    south = Department.objects.get(code="SOUTH").pk
    for more in ({"roles": ["SR", "GM"]}, {"roles": ["SM"], "department": south}, {"roles": ["FI"]}):
        got = post(client, once, "user-edit", rep.pk, **{"_version": people["rep"].version, **form, **more})
        assert got.status_code == 403, more
        assert list(people["rep"].roles.values_list("code", flat=True)) == ["SR"] and people["rep"].department_id == rep.department_id
    for more in ({"is_admin": "on"},):
        post(client, once, "user-edit", rep.pk, **{"_version": people["rep"].version, **form, "roles": ["SR"], **more})
        assert not people["rep"].is_admin
    # Nor may he take over who has more than he: no link, no change, no second factor away.
    for user in (gm, admin):
        assert post(client, once, "user-link", user.pk).status_code == 403
        assert post(client, once, "user-disable", user.pk, keeps_records="on").status_code == 403
        got = post(client, once, "user-edit", user.pk, _version=user.version, name="x", username=user.username, language="en")
        assert got.status_code == 403
    assert not PasswordLink.objects.exists()
    assert people["gm"].is_active and people["admin"].name == admin.name
    assert post(client, once, "user-link", rep.pk).status_code == 200
    # Not even over himself.
    me = people["manager_east"]
    got = post(client, once, "user-edit", me.pk, _version=me.version, name=me.name, username=me.username, language="zh-hans",
               department=me.department_id, roles=["SM", "KEEP", "GM"])
    assert got.status_code == 403
    # A plain rep of another department owns records that he does not see: who sets the password sees them.
    assert post(client, once, "user-link", far.pk).status_code == 403
    assert post(client, once, "user-sign-out", far.pk).status_code == 403


def test_a_disabled_person_is_no_way_round(sign_in, once, people, keeper):
    client, rep = sign_in("manager_east"), people["rep"]
    assert post(client, once, "user-disable", rep.pk, keeps_records="on").status_code == 303
    rep = people["rep"]
    got = post(client, once, "user-edit", rep.pk, _version=rep.version, name=rep.name, username="rep", language="zh-hans",
               department=rep.department_id, roles=["GM"])
    assert got.status_code == 403 and "GM" not in people["rep"].roles.values_list("code", flat=True)


def test_asking_for_a_password_tells_nothing(people, sign_in):
    answers = set()
    for name in ("rep", "nobody-here", "rep@example.com"):
        got = Client().post(reverse("password-ask"), {"username": name})
        assert got.status_code == 200
        answers.add(re.sub(r'"X-CSRFToken": "[^"]*"', "", got.content.decode()))
    assert len(answers) == 1
    assert people["rep"].password_asked_at is not None
    first = people["rep"].password_asked_at
    Client().post(reverse("password-ask"), {"username": "REP"})
    assert people["rep"].password_asked_at == first  # once an hour at most
    assert 'class="nt wait"' not in page(sign_in("admin"), "user-detail", people["gm"].pk)
    assert 'class="nt wait"' in page(sign_in("admin"), "user-detail", people["rep"].pk)


def test_departments_move_but_never_below_themselves(sign_in, once):
    admin = sign_in("admin")
    sales, east = Department.objects.get(code="SALES"), Department.objects.get(code="EAST")
    form = {"name": sales.name, "code": sales.code, "order": sales.order, "_version": sales.version}
    got = post(admin, once, "department-edit", sales.pk, **form, parent=east.pk)
    assert got.status_code == 422 and Department.objects.get(pk=sales.pk).path == sales.path
    service = Department.objects.get(code="SERVICE")
    assert post(admin, once, "department-edit", sales.pk, **form, parent=service.pk).status_code == 303
    assert Department.objects.get(pk=east.pk).path == f"{service.path}{sales.pk}/{east.pk}/"
    tree = page(admin, "department-list")
    assert tree.index(service.name) < tree.index(sales.name) < tree.index(east.name)
    assert post(admin, once, "department-switch", east.pk).status_code == 422  # people are in it
    got = post(admin, once, "department-new", name="新部门", code="NEW", parent=east.pk)
    assert got.status_code == 303
    made = Department.objects.get(code="NEW")
    assert made.path == f"{Department.objects.get(pk=east.pk).path}{made.pk}/"
    assert post(admin, once, "department-switch", made.pk).status_code == 303
    assert not Department.objects.get(code="NEW").enabled
    assert post(admin, once, "department-new", name="又一个", code="NEW").status_code == 422


def test_departments_have_a_last_level(sign_in, once):
    admin, above = sign_in("admin"), Department.objects.get(code="EAST")
    for i in range(25):
        made = Department(name=f"第{i}级", code=f"L{i}", parent=above)
        made.save()
        above = made
    other = Department.objects.get(code="SOUTH")
    got = post(admin, once, "department-edit", other.pk, name=other.name, code="SOUTH", order=1, _version=other.version, parent=above.pk)
    assert got.status_code == 422 and Department.objects.get(code="SOUTH").path == other.path


def rights_form(admin, role):
    """The form as a browser would send it back."""
    from html.parser import HTMLParser

    class Form(HTMLParser):
        def __init__(self):
            super().__init__()
            self.data, self._select = {}, ""

        def handle_starttag(self, tag, attrs):
            attrs = dict(attrs)
            if tag == "input" and attrs.get("name") and (attrs.get("type") != "checkbox" or "checked" in attrs):
                self.data.setdefault(attrs["name"], []).append(attrs.get("value", "on"))
            if tag == "select":
                self._select = attrs["name"]
            if tag == "option" and "selected" in attrs:
                self.data.setdefault(self._select, []).append(attrs["value"])

    found = Form()
    text = admin.get(reverse("role-rights", args=[role.pk])).content.decode()
    found.feed(text[text.index('action="' + reverse("role-rights", args=[role.pk])):])
    return found.data


def test_a_role_saved_unchanged_stays_the_same(sign_in, once):
    admin = sign_in("admin")
    for role in Role.objects.all():
        before = (set(role.permissions.values_list("kind", "action")), set(role.scopes.values_list("kind", "level", "edit_level")),
                  set(role.field_rules.values_list("kind", "field", "mode")))
        data = rights_form(admin, role)
        got = admin.post(reverse("role-rights", args=[role.pk]), {**data, "_once": once(), "do": "save"})
        assert got.status_code == 303, (role.code, got.content.decode()[-500:])
        assert before == (set(role.permissions.values_list("kind", "action")), set(role.scopes.values_list("kind", "level", "edit_level")),
                          set(role.field_rules.values_list("kind", "field", "mode"))), role.code


def test_a_dry_run_says_who_gains_what_and_stores_nothing(sign_in, once, make, people):
    make.customer("rep"), make.customer("rep_south"), make.customer("rep_south")
    admin, role = sign_in("admin"), Role.objects.get(code="SR")
    data = rights_form(admin, role)
    seen = User.objects.get(username="rep")
    n = make.customer("rep").__class__.objects
    data = {**data, "see.customer": ["all"], "p": [p for p in data["p"] if p != "opportunity.lose"] + ["customer.export"],
            "field.customer.phone": ["mask"], "_once": once(), "do": "preview"}
    before = list(RolePermission.objects.values()), list(Scope.objects.values()), role.version
    text = admin.post(reverse("role-rights", args=[role.pk]), data).content.decode()
    role.refresh_from_db()
    assert before == (list(RolePermission.objects.values()), list(Scope.objects.values()), role.version)
    own, all_ = n.visible_to(seen).count(), n.count()
    part = text[text.index('id="effects"'):text.index("</section>")]
    row = part[part.index(f"<dt>{seen.name}</dt>"):]
    row = row[:row.index("</dd>")]
    assert f"{own} → {all_}" in re.sub(r"\s+", " ", row) and row.count("bg bad") == 2 and row.count("bg good") == 2, row
    assert part.count("<dt>") == role.users.filter(is_active=True).count()
    data["do"] = "save"
    assert admin.post(reverse("role-rights", args=[role.pk]), {**data, "_once": once()}).status_code == 303
    user = people["rep"]
    assert n.visible_to(user).count() == all_ and access_of(user).field_mode("customer", "phone") == "mask"
    assert not access_of(user).may("opportunity", "lose") and access_of(user).may("customer", "export")
    line = history.of(role).first()
    assert line.action == "rights" and line.diff["customer.rows"] == ["self / self", "all / self"] and line.diff["customer.export"] == [False, True]
    stale = admin.post(reverse("role-rights", args=[role.pk]), {**data, "p": ["customer.view"], "_once": once()})
    assert stale.status_code == 409


@pytest.mark.parametrize("bad", [{"see.customer": "everything"}, {"p": "customer.fly"}, {"p": "nonsense"}, {"field.customer.phone": "x"},
                                 {"see.customer": "chosen"}, {"dept.customer": "999999"}, {"dept.customer": "x"}])
def test_nonsense_in_the_rights_form_is_refused(sign_in, once, bad):
    admin, role = sign_in("admin"), Role.objects.get(code="SR")
    data = {**rights_form(admin, role), "_once": once(), "do": "save", **bad}
    before = set(role.permissions.values_list("kind", "action"))
    assert admin.post(reverse("role-rights", args=[role.pk]), data).status_code == 422
    assert before == set(role.permissions.values_list("kind", "action"))


def test_a_keeper_of_roles_widens_nothing_he_does_not_hold(sign_in, once, keeper):
    client, role = sign_in("manager_east"), Role.objects.get(code="SR")
    data = rights_form(client, role)
    for more in ({"p": [*data["p"], "opportunity.fly"]}, {"p": [*data["p"], "product.import"]}, {"see.customer": ["all"]}, {"change.customer": ["below"]},
                 {"see.task": ["chosen"], "dept.task": [str(Department.objects.get(code="HQ").pk)]}):
        got = client.post(reverse("role-rights", args=[role.pk]), {**data, **more, "_once": once(), "do": "save"})
        assert got.status_code == 422, more
    narrower = {**data, "p": [p for p in data["p"] if p != "opportunity.lose"], "_once": once(), "do": "save"}
    assert client.post(reverse("role-rights", args=[role.pk]), narrower).status_code == 303


def test_a_kind_shown_anew_brings_no_field_the_keeper_does_not_see(sign_in, once, people):
    role = Role.objects.create(code="KEEP", name_zh="角色管理", name_en="role keeper", order=90)
    RolePermission.objects.bulk_create(RolePermission(role=role, kind="role", action=action) for action in ("view", "add", "edit"))
    people["rep"].roles.add(role)  # reps see products without their cost
    other = Role.objects.create(code="BARE", name_zh="空角色", name_en="bare", order=91)
    client, address = sign_in("rep"), reverse("role-rights", args=[other.pk])
    form = {"_version": other.version, "p": ["product.view"], "do": "save"}
    assert client.post(address, {**form, "_once": once()}).status_code == 422
    assert not other.permissions.exists()
    assert client.post(address, {**form, "field.product.standard_cost": "hide", "_once": once()}).status_code == 303


def test_only_administrators_move_departments(sign_in, once, people):
    """Who may only rename them could else put another's department under the own one, and see its rows."""
    role = Role.objects.create(code="KEEP", name_zh="部门管理", name_en="department keeper", order=90)
    RolePermission.objects.bulk_create(RolePermission(role=role, kind="department", action=action) for action in ("view", "edit"))
    people["manager_east"].roles.add(role)
    client, south = sign_in("manager_east"), Department.objects.get(code="SOUTH")
    form = {"name": "改名", "code": "SOUTH", "order": south.order, "_version": south.version}
    got = post(client, once, "department-edit", south.pk, **form, parent=people["manager_east"].department_id)
    assert got.status_code == 422 and Department.objects.get(pk=south.pk).path == south.path
    assert post(client, once, "department-edit", south.pk, **form, parent=south.parent_id).status_code == 303


def test_a_new_role_takes_the_rights_of_another(sign_in, once):
    admin, like = sign_in("admin"), Role.objects.get(code="FI")
    got = post(admin, once, "role-new", name_zh="出纳二", name_en="cashier 2", code="CA2", like=like.pk)
    assert got.status_code == 303, got.content.decode()[-800:]
    made = Role.objects.get(code="CA2")
    assert set(made.permissions.values_list("kind", "action")) == set(like.permissions.values_list("kind", "action"))
    assert set(made.field_rules.values_list("kind", "field", "mode")) == set(like.field_rules.values_list("kind", "field", "mode"))
    assert post(admin, once, "role-new", name_zh="x", name_en="x", code="ca2").status_code == 422
