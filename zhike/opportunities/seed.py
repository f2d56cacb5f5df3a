"""The three processes every house starts with (spec 3.3)."""

from __future__ import annotations

from decimal import Decimal

from .models import Criterion, Process, Stage

# code, Chinese, English, types, stages (code, Chinese, English, %, standard days, criteria)
PROCESSES = (
    ("mto", "按单定制流程", "Make to order", ["new_project", "retrofit", "service"], (
        ("demand", "需求确认", "Demand confirmed", 10, 10, (("field", "demand", "填写客户需求", "Customer's demand written down"),)),
        ("solution", "技术方案", "Technical solution", 25, 14, (("tick", "", "客户认可技术方案", "Customer accepts the solution"),)),
        ("quote", "报价", "Quotation", 40, 10, (("tick", "", "已发出正式报价", "Formal quotation sent"),
                                              ("field", "amount", "填写预计金额", "Expected amount given"))),
        ("sample", "打样/试机", "Sample or trial", 55, 20, (("tick", "", "样品或试机合格", "Sample or trial passed"),)),
        ("negotiation", "商务谈判", "Negotiation", 75, 14, (("tick", "", "商务条款谈妥", "Commercial terms agreed"),)),
        ("signing", "合同签订", "Signing", 90, 10, ()),
    )),
    ("standard", "标准设备流程", "Standard equipment", ["repeat", "spare"], (
        ("report", "报备确认", "Report confirmed", 10, 7, ()),
        ("visit", "需求与参观", "Demand and visit", 30, 14, (("field", "demand", "填写客户需求", "Customer's demand written down"),)),
        ("quote", "报价", "Quotation", 50, 10, (("tick", "", "已发出正式报价", "Formal quotation sent"),)),
        ("negotiation", "谈判", "Negotiation", 75, 14, (("tick", "", "商务条款谈妥", "Commercial terms agreed"),)),
        ("signing", "签约", "Signing", 90, 7, ()),
    )),
    ("supply", "配套供应流程", "Supply", ["supply"], (
        ("shortlist", "入围", "Shortlisted", 10, 30, ()),
        ("sample", "送样", "Samples", 30, 30, (("tick", "", "样品合格", "Samples passed"),)),
        ("pilot", "小批", "Pilot batch", 60, 45, (("tick", "", "小批验收", "Pilot batch accepted"),)),
        ("contract", "供应合同", "Supply contract", 90, 20, ()),
    )),
)


def seed_processes() -> None:
    """Add the processes that are missing; what is there is never changed."""
    for code, zh, en, types, stages in PROCESSES:
        process, made = Process.objects.get_or_create(
            code=code, version=1, defaults={"name_zh": zh, "name_en": en, "types": types}
        )
        if not made:
            continue
        for order, (stage_code, stage_zh, stage_en, percent, days, criteria) in enumerate(stages, 1):
            stage = Stage.objects.create(
                process=process, order=order, code=stage_code, name_zh=stage_zh, name_en=stage_en,
                win_rate=Decimal(percent) / 100, standard_days=days,
            )
            Criterion.objects.bulk_create(
                Criterion(stage=stage, order=i, code=f"c{i}", kind=kind, field=field, name_zh=text_zh, name_en=text_en)
                for i, (kind, field, text_zh, text_en) in enumerate(criteria)
            )
