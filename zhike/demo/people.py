"""The demo company's departments and thirty colleagues, one or more for every role."""

from __future__ import annotations

from zhike.org.models import Company, Department, Role, User
from zhike.records import registry, save

COMPANY = "启衡精密机械（示例）"
PASSWORD = "zhike-demo-2026"  # noqa: S105 -- public on purpose: demo mode answers on loopback only

# code, name, parent
DEPARTMENTS = (
    ("HQ", "公司总部", ""),
    ("SALES", "销售中心", "HQ"),
    ("EAST", "华东销售部", "SALES"),
    ("SOUTH", "华南销售部", "SALES"),
    ("WEST", "西部销售部", "SALES"),
    ("MKT", "市场部", "SALES"),
    ("TECH", "技术中心", "HQ"),
    ("PRESALES", "售前技术部", "TECH"),
    ("SERVICE", "服务中心", "HQ"),
    ("DESK", "客服部", "SERVICE"),
    ("FIELD", "现场服务部", "SERVICE"),
    ("FIN", "财务部", "HQ"),
    ("STORE", "仓储物流部", "HQ"),
    ("PLANT", "生产部", "HQ"),
)

# user name, name, department, role codes, job title, manager
USERS = (
    ("gm", "陈一", "HQ", ("GM",), "总经理", ""),
    ("admin", "韩示例", "HQ", ("ADM",), "系统管理员", "gm"),
    ("auditor", "许演示", "HQ", ("RO",), "审计", "gm"),
    ("sales_head", "蒋大明", "SALES", ("SM",), "销售总监", "gm"),
    ("manager_east", "李四", "EAST", ("SM",), "华东销售经理", "sales_head"),
    ("manager_south", "赵六", "SOUTH", ("SM",), "华南销售经理", "sales_head"),
    ("manager_west", "钱七", "WEST", ("SM",), "西部销售经理", "sales_head"),
    ("rep", "张三", "EAST", ("SR",), "业务员", "manager_east"),
    ("rep_east2", "王五", "EAST", ("SR",), "业务员", "manager_east"),
    ("rep_east3", "周九", "EAST", ("SR",), "业务员", "manager_east"),
    ("rep_east4", "吴十", "EAST", ("SR",), "业务员", "manager_east"),
    ("rep_south", "郑春生", "SOUTH", ("SR",), "业务员", "manager_south"),
    ("rep_south2", "冯夏至", "SOUTH", ("SR",), "业务员", "manager_south"),
    ("rep_south3", "沈秋实", "SOUTH", ("SR",), "业务员", "manager_south"),
    ("rep_west", "杨冬藏", "WEST", ("SR",), "业务员", "manager_west"),
    ("rep_west2", "朱南山", "WEST", ("SR",), "业务员", "manager_west"),
    ("rep_west3", "秦北野", "WEST", ("SR",), "业务员", "manager_west"),
    ("assistant", "何小红", "SALES", ("SA",), "跟单员", "sales_head"),
    ("assistant2", "吕某某", "SALES", ("SA",), "跟单员", "sales_head"),
    ("marketing", "施样本", "MKT", ("MK",), "市场专员", "sales_head"),
    ("presales", "孙八", "PRESALES", ("TE",), "技术支持", "gm"),
    ("presales2", "孔试用", "PRESALES", ("TE",), "技术支持", "gm"),
    ("desk", "曹东升", "DESK", ("CS",), "客服", "dispatcher"),
    ("desk2", "严西来", "DESK", ("CS",), "客服", "dispatcher"),
    ("dispatcher", "华甲", "SERVICE", ("DP",), "服务主管", "gm"),
    ("engineer", "金乙", "FIELD", ("EN",), "服务工程师", "dispatcher"),
    ("engineer2", "魏丙", "FIELD", ("EN",), "服务工程师", "dispatcher"),
    ("finance", "陶丁", "FIN", ("FI",), "财务", "gm"),
    ("finance2", "姜某", "FIN", ("FI",), "出纳", "gm"),
    ("warehouse", "尤某某", "STORE", ("WH",), "仓管", "gm"),
)


def make_people() -> dict[str, User]:
    """Create the company, its tree and its people; returns the users by user name."""
    Company.objects.update_or_create(pk=1, defaults={"name": COMPANY, "short_name": COMPANY})
    departments: dict[str, Department] = {}
    for i, (code, name, parent) in enumerate(DEPARTMENTS):
        departments[code] = Department.objects.create(
            code=code, name=name, parent=departments.get(parent), order=i
        )
    roles = {role.code: role for role in Role.objects.all()}
    # One hash for all: thirty argon2 hashes would take longer than the rest of the demo.
    hashed = User(username="-")
    hashed.set_password(PASSWORD)
    users: dict[str, User] = {}
    for i, (username, name, department, role_codes, title, manager) in enumerate(USERS):
        user = users[username] = User.objects.create(
            username=username, name=name, job_title=title, department=departments[department],
            manager=users.get(manager), employee_no=f"E{i + 1:03d}", email=f"{username}@example.com",
            mobile=f"1380000{i + 1:04d}", is_admin="ADM" in role_codes, password=hashed.password,
        )
        user.roles.set([roles[code] for code in role_codes if code in roles])
    for username, department in (("gm", "HQ"), ("sales_head", "SALES"), ("manager_east", "EAST"),
                                 ("manager_south", "SOUTH"), ("manager_west", "WEST"), ("dispatcher", "SERVICE")):
        departments[department].manager = users[username]
        departments[department].save()
    for username, _n, _d, _r, _t, manager in USERS:
        if manager and users[username].manager_id is None:
            users[username].manager = users[manager]
            users[username].save(update_fields=["manager"])
    save.index(registry.kind("user"), list(users.values()))
    return users
