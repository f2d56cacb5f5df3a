"""The big company: 40 departments on three levels and 320 people with very different reach."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "zhike-bench-2026"  # noqa: S105 -- made-up people in a database made for measuring
REGIONS, DEPARTMENTS, REPS_EACH = 4, 35, 8
NUMERALS = "一二三四五六七八九十"


@dataclass(slots=True)
class Company:
    """Ids by rank. `department_of[user]` is the department copied to the rows a person owns."""

    reps: list[int]
    managers: list[int]
    department_of: dict[int, int]
    names: dict[int, str]

    def owner(self, i: int) -> int:
        """Who owns customer `i`: one person has 3 % of everything, the managers a few, the reps the rest."""
        if i % 34 == 0:
            return self.reps[0]
        if i % 97 == 0:
            return self.managers[i // 97 % len(self.managers)]
        return self.reps[1 + (i * 2654435761 >> 7) % (len(self.reps) - 1)]


def make_company() -> Company:
    """Departments, people and roles: gm, head1-4, manager01-35, rep001-280 and the administrator."""
    from django.contrib.auth.hashers import make_password

    from zhike.org.models import Company as House
    from zhike.org.models import Department, Role, User

    House.objects.get_or_create(pk=1, defaults={"name": "测速示例公司"})
    root = Department.objects.create(code="B", name="示例总部")
    regions = [Department.objects.create(code=f"B{i}", name=f"示例{NUMERALS[i]}大区", parent=root) for i in range(REGIONS)]
    departments = [
        Department.objects.create(code=f"B{i:02d}D", name=f"示例{i + 1}部", parent=regions[i % REGIONS])
        for i in range(DEPARTMENTS)
    ]
    roles = {role.code: role for role in Role.objects.filter(code__in=("GM", "SM", "SR"))}
    secret = make_password(PASSWORD)
    people: list[tuple[User, str]] = []

    def person(username: str, name: str, department: Department, role: str, **more: object) -> User:
        made = User(username=username, name=name, department=department, password=secret, **more)
        people.append((made, role))
        return made

    person("bench_gm", "总经理示例", root, "GM")
    person("bench_admin", "管理员示例", root, "", is_admin=True)
    for i, region in enumerate(regions, 1):
        person(f"bench_head{i}", f"大区{NUMERALS[i - 1]}示例", region, "SM")
    managers = [person(f"bench_manager{i + 1:02d}", f"经理{i + 1}号", d, "SM") for i, d in enumerate(departments)]
    reps = [
        person(f"bench_rep{i + 1:03d}", f"业务员{i + 1}号", departments[i % DEPARTMENTS], "SR")
        for i in range(DEPARTMENTS * REPS_EACH)
    ]
    User.objects.bulk_create([user for user, _role in people])
    User.roles.through.objects.bulk_create(
        User.roles.through(user_id=user.pk, role_id=roles[role].pk) for user, role in people if role
    )
    return Company(
        [user.pk for user in reps], [user.pk for user in managers],
        {user.pk: user.department_id for user, _role in people}, {user.pk: user.name for user, _role in people},
    )
