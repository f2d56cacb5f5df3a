"""The option lists every house starts with; an administrator may change them all."""

from __future__ import annotations

from .models import Dictionary, DictionaryOption
from .regions import load_regions

LISTS: dict[str, str] = {
    "customer_level": "A:A 重点:A key|B:B 普通:B regular|C:C 一般:C other",
    "customer_category": "direct:直销终端:end customer|dealer:经销商:dealer|agent:代理商:agent|oem:主机厂:OEM"
    "|design:设计院:design institute|owner:业主:project owner|epc:总包:EPC contractor",
    "customer_source": "exhibition:展会:exhibition|web:官网:website|phone:电话:phone|referral:转介绍:referral"
    "|tender:招标网:tender site|campaign:市场活动:campaign|cold:陌拜:cold call|dealer:渠道:dealer|import:导入:import",
    "industry": "machinery:通用机械:machinery|metal:金属加工:metalworking|automotive:汽车及零部件:automotive"
    "|electronics:电子制造:electronics|electrical:电气设备:electrical equipment|food:食品饮料:food and beverage"
    "|plastics:橡塑注塑:plastics|textile:纺织:textile|medical:医疗器械:medical devices|transport:船舶轨交:transport"
    "|energy:能源矿山:energy and mining|chemical:化工:chemicals|retail:批发零售:trade and retail"
    "|software:软件信息:software|service:服务业:services|other:其他:other",
    "scale": "small:100 人以下:below 100|medium:100–500 人:100–500|large:500–2,000 人:500–2,000"
    "|huge:2,000 人以上:above 2,000",
    "nature": "state:国有企业:state-owned|private:民营企业:private|foreign:外资企业:foreign-owned|joint:合资企业:joint venture"
    "|collective:集体企业:collective|institution:事业单位:public institution|other:其他:other",
    "payment_term": "prepaid:款到发货:before delivery|delivery:货到付款:on delivery|milestone:按合同节点:by contract milestones"
    "|month30:月结 30 天:30 days from month end|month60:月结 60 天:60 days from month end|month90:月结 90 天:90 days from month end",
    "currency": "CNY:人民币:CNY|USD:美元:USD|EUR:欧元:EUR|JPY:日元:JPY|HKD:港币:HKD",
    "territory": "east:华东:East|south:华南:South|north:华北:North|west:西部:West|overseas:海外:Overseas",
    "decision_role": "decider:决策者:decider|approver:审批者:approver|influencer:影响者:influencer|user:使用者:user"
    "|buyer:采购:buyer|gatekeeper:把关者:gatekeeper|coach:内线:coach",
    "activity_type": "visit:拜访:visit|phone:电话:phone call|wechat:微信:WeChat|email:邮件:e-mail|meeting:会议:meeting"
    "|exhibition:展会:exhibition|demo:演示:demonstration|visit_to_us:来访:visit to us|note:备注:note|other:其他:other",
    "activity_result": "effective:有效:effective|ineffective:无效:ineffective|has_demand:有需求:has demand"
    "|rejected:拒绝:rejected",
    "campaign_type": "exhibition:展会:exhibition|seminar:研讨会:seminar|advert:广告:advertisement|mailing:邮件/短信:mailing"
    "|online:线上推广:online|dealer_meeting:经销商会议:dealer meeting|other:其他:other",
    "lead_invalid": "no_reach:联系不上:cannot be reached|wrong_number:空号错号:wrong number|no_demand:无需求:no demand"
    "|no_fit:产品不匹配:no fit|competitor:同行:competitor|duplicate:重复线索:duplicate|spam:垃圾信息:spam|other:其他:other",
    "opportunity_type": "new_project:新项目:new project|repeat:复购:repeat order|spare:备件:spare parts"
    "|retrofit:改造:retrofit|service:服务:service|supply:配套供应:supply",
    "lost_cause": "service:服务问题:service|product:产品问题:product|price:价格:price|competitor:竞争对手:competitor"
    "|closed:客户停业:closed down|other:其他:other",
    "pool_reason": "no_demand:暂无需求:no demand now|no_reach:联系不上:cannot be reached|no_fit:产品不匹配:no fit"
    "|no_time:精力不足:no time for it|other:其他:other",
    "lose_reason": "price:价格:price|delivery:交期:delivery time|technical:技术不符:technical fit"
    "|relation:客户关系:relationship|cancelled:项目取消:project cancelled|budget:预算不足:no budget"
    "|competitor:竞争对手:competitor|unknown:未知:unknown|other:其他:other",
}


def seed() -> None:
    """Add what is missing; never change what is there."""
    known = set(DictionaryOption.objects.values_list("dictionary", "code"))
    rows = []
    for dictionary, text in LISTS.items():
        for order, item in enumerate(text.split("|")):
            code, zh, en = item.split(":")
            if (dictionary, code) not in known:
                rows.append(DictionaryOption(dictionary=dictionary, code=code, name_zh=zh, name_en=en, order=order))
    DictionaryOption.objects.bulk_create(rows)
    used = {*LISTS, *(dictionary for dictionary, _code in known)}
    there = set(Dictionary.objects.values_list("code", flat=True))
    Dictionary.objects.bulk_create([Dictionary(code=code) for code in sorted(used - there)])
    load_regions()
