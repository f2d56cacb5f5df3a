"""What people and other programs call the fields: headings that mean the same."""

from __future__ import annotations

# "kind.field" or "field": other names, Chinese and English, as they stand in headings.
NAMES: dict[str, str] = {
    "customer.name": "名称|客户|客户名|客户名称|公司|公司名|公司名称|单位|单位名称|企业名称|企业全称|全称|厂商名称|往来单位|company|company name|"
                     "account|account name|customer|customer name|organisation|organization|organization name|firm",
    "customer.short_name": "简称|客户简称|公司简称|short name|abbreviation|alias",
    "customer.name_en": "英文名|英文名称|english name|name in english",
    "customer.code": "编码|编号|客户编码|客户编号|客户代码|代码|customer code|customer no|customer number|account number|code|internal reference|reference",
    "customer.uscc": "统一社会信用代码|社会信用代码|信用代码|税号|纳税人识别号|credit code|tax id|tax number|vat|vat number|uscc",
    "customer.erp_code": "erp编码|erp客户编码|erp代码|金蝶编码|用友编码|erp code|erp customer",
    "customer.level": "级别|客户级别|客户等级|等级|重要程度|level|grade|rating|class",
    "customer.lifecycle": "生命周期|客户生命周期|客户阶段|lifecycle|life cycle|lifecycle stage|customer stage",
    "customer.category": "分类|客户分类|客户类别|类型|客户类型|category|type|account type|customer type",
    "customer.kind": "性质|单位性质|客户性质",
    "customer.industry": "行业|所属行业|industry|sector",
    "customer.source": "来源|客户来源|source|account source|lead source",
    "customer.scale": "规模|人员规模|企业规模|scale|size|employees",
    "customer.territory": "区域|销售区域|大区|territory|sales area|sales region",
    "customer.parent": "上级|上级客户|母公司|集团|所属集团|parent|parent account|parent company",
    "customer.phone": "电话|公司电话|联系电话|座机|固定电话|总机|phone|telephone|tel|phone number",
    "customer.email": "邮箱|电子邮箱|电子邮件|公司邮箱|email|e-mail|mail",
    "customer.website": "网址|网站|官网|公司网址|website|web|url|homepage|internet",
    "customer.address": "地址|公司地址|详细地址|通讯地址|注册地址|address|street|billing street|street address",
    "customer.postcode": "邮编|邮政编码|postcode|postal code|zip|zip code|billing postal code",
    "customer.former_names": "曾用名|former name|former names",
    "contact.name": "姓名|联系人|联系人姓名|名字|name|full name|contact|contact name",
    "contact.customer": "客户|客户名称|公司|公司名称|单位|单位名称|所属客户|所属公司|company|account|account name|customer|organization|organisation",
    "contact.job_title": "职务|职位|岗位|头衔|title|job title|position|role",
    "contact.department": "部门|所在部门|department",
    "contact.mobile": "手机|手机号|手机号码|移动电话|联系手机|手机（必填）|mobile|mobile phone|cell|cell phone|cellphone",
    "contact.phone": "电话|座机|办公电话|固定电话|phone|telephone|work phone|business phone|office phone",
    "contact.email": "邮箱|电子邮箱|电子邮件|邮件|email|e-mail|mail|e-mail address",
    "contact.wechat": "微信|微信号|wechat",
    "contact.gender": "性别|gender|sex",
    "contact.birthday": "生日|出生日期|birthday|birthdate|date of birth",
    "contact.hobby": "爱好|兴趣|hobby|hobbies",
    "contact.decision_role": "决策角色|角色|buying role|decision role",
    "contact.reports_to": "上级|直属上级|汇报对象|reports to|manager",
    "lead.name": "姓名|联系人|联系人姓名|线索|线索名称|访客|访客姓名|name|full name|lead|lead name|contact|contact name",
    "lead.company": "公司|公司名称|单位|单位名称|企业名称|客户名称|company|company name|organisation|organization|account",
    "lead.job_title": "职务|职位|岗位|头衔|title|job title|position|role",
    "lead.mobile": "手机|手机号|手机号码|移动电话|联系手机|mobile|mobile phone|cell|cell phone|cellphone",
    "lead.phone": "电话|座机|固定电话|办公电话|联系电话|phone|telephone|work phone|business phone",
    "lead.email": "邮箱|电子邮箱|电子邮件|email|e-mail|mail",
    "lead.wechat": "微信|微信号|wechat",
    "lead.source": "来源|线索来源|渠道|source|lead source|channel",
    "lead.campaign": "市场活动|活动|展会|活动名称|campaign|campaign name|event",
    "lead.interest": "意向产品|产品|感兴趣的产品|需求产品|interest|product of interest|product interest",
    "lead.need": "需求|需求描述|说明|留言|备注需求|need|description|message|comments",
    "lead.amount": "预估金额|预计金额|预算|amount|expected revenue|budget",
    "lead.heat": "意向程度|意向|热度|rating|interest level|temperature",
    "campaign.name": "名称|活动|活动名称|市场活动|name|campaign|campaign name",
    "campaign.budget": "预算|活动预算|planned budget|budget|budgeted cost",
    "campaign.cost": "费用|实际费用|实际成本|actual cost|cost",
    "product.code": "编码|产品编码|物料编码|物料代码|料号|货号|存货编码|code|product code|item code|part number|sku|internal reference|item no",
    "product.name": "名称|产品|产品名称|物料名称|品名|存货名称|name|product|product name|item name|item",
    "product.model": "型号|规格|规格型号|产品型号|model|specification|spec",
    "product.unit": "单位|计量单位|主计量单位|unit|unit of measure|uom",
    "product.list_price": "单价|标准价|销售价|销售单价|价格|牌价|目录价|list price|sale price|sales price|price|unit price",
    "product.standard_cost": "成本|标准成本|成本价|cost|standard cost|standard price",
    "product.tax_rate": "税率|增值税率|tax|tax rate|vat rate",
    "product.line": "产品线|产品系列|系列|产品分类|product line|product family|product category|category",
    "product.description": "描述|说明|产品描述|description",
    "opportunity.name": "名称|商机|商机名称|项目名称|主题|name|opportunity|opportunity name|deal|deal name|subject",
    "opportunity.customer": "客户|客户名称|公司|账户|account|account name|customer|company",
    "opportunity.amount": "金额|商机金额|预计金额|预计成交金额|amount|expected revenue|value|deal value|close value",
    "opportunity.stage": "阶段|商机阶段|销售阶段|stage|stage name|sales stage|deal stage",
    "opportunity.expected_sign_date": "预计签约日期|预计成交日期|签约日期|close date|expected closing|expected close date|closing date",
    "opportunity.source": "来源|商机来源|lead source|source",
    "opportunity.status": "状态|status|state",
    "owner": "负责人|业务员|销售|销售员|客户经理|归属人|跟进人|owner|sales rep|salesperson|account manager|assigned to|record owner|owner name",
    "owner_dept": "所属部门|负责部门|归属部门|部门|owner department",
    "region": "省市区|地区|所在地区|所在地|省市|行政区划|region|area|location",
    "created_at": "创建时间|创建日期|建档日期|录入时间|created|created on|created at|created date|creation date",
    "remark": "备注|说明|描述|附注|remark|remarks|note|notes|comment|comments|description|memo",
}

# The shape of a column's values → fields they fit, most fitting first.
FITS: dict[str, tuple[str, ...]] = {
    "mobile": ("mobile", "phone"),
    "phone": ("phone", "mobile"),
    "mail": ("email",),
    "credit": ("uscc",),
    "url": ("website",),
}
# Shapes that speak against a field.
CLASHES: dict[str, tuple[str, ...]] = {
    "mobile": ("mail", "date", "url", "credit", "company"), "phone": ("mail", "date", "url", "credit", "company"),
    "email": ("mobile", "phone", "date", "number", "credit", "company"), "uscc": ("mail", "date", "mobile", "url", "company"),
    "website": ("mobile", "phone", "date", "number", "credit"), "name": ("mail", "date", "mobile", "url", "credit", "number"),
    "birthday": ("mail", "mobile", "url", "company"), "amount": ("mail", "date", "url", "company"),
}


def names_of(kind: str, field: str) -> list[str]:
    return [name for key in (f"{kind}.{field}", field) if key in NAMES for name in NAMES[key].split("|")]
