"""Words that many firms share: what is left of a name without them is what sets it apart."""

from __future__ import annotations

import re

# What a firm makes or deals in. Behind a brand they say little: 示例自动化设备 and 示例自动化 are looked at, not
# taken for the same.
TRADES = tuple(sorted((
    "自动化 机电 电机 电气 电器 电子 电力 电缆 电线 电源 电梯 机械 机床 机器 机器人 设备 装备 仪器 仪表 仪器仪表 科技 技术 制造 工业 "
    "工程 材料 新材料 化工 化学 精密 精工 重工 重型 液压 气动 传动 轴承 齿轮 模具 模塑 铸造 锻造 钢铁 钢结构 特钢 有色 金属 五金 塑料 橡胶 "
    "橡塑 包装 印刷 纺织 服装 家具 建材 建筑 建设 水泥 玻璃 陶瓷 汽车 汽车部件 汽车零部件 零部件 配件 部件 车辆 船舶 航空 航天 轨道交通 "
    "能源 新能源 动力 石油 石化 煤炭 矿业 环保 环境 水务 水处理 节能 光电 光学 光伏 激光 半导体 微电子 芯片 软件 信息 信息技术 网络 "
    "通信 通讯 数据 智能 智能装备 智能科技 数控 控制 控制系统 系统 测控 检测 测试 食品 饮料 农业 农机 生物 医药 制药 医疗 医疗器械 器械 "
    "药业 物流 贸易 进出口 国际贸易 商贸 投资 控股 实业 发展 开发 服务 咨询 设计 管理 销售 经贸 产业 股份 传感 传感器 阀门 泵业 泵阀 水泵 "
    "压缩机 风机 空调 制冷 热能 锅炉 起重 工具 量具 刀具 磨具 磨料 焊接 涂装 表面处理 热处理 弹簧 紧固件 密封 密封件 过滤 过滤设备 粉体 木业 "
    "纸业 造纸 皮革 玩具 照明 灯饰 电池 线缆 变压器 开关 继电器 连接器 输配电 工贸 厂 总厂 工厂"
).split(), key=len, reverse=True))

# Words that stand before a trade and yet set nobody apart.
WEAK = frozenset((
    "华东 华南 华北 华中 西南 西北 东北 东南 中南 江南 江北 北方 南方 东方 西部 中部 远东 亚太 国际 中华 环球 全球 长江 黄河 中国 国家 国营 "
    "第一 第二 第三 联合 新 大 中 华"
).split())

# Endings of a legal form, with what fingers make of them (有线公司, 有限公可, 股分有限公司, 有限责任公司司).
_FIRM = "公[司可同词思]{1,2}"
_GROUP = "(?P<group>集[团困])?"
LEGAL = tuple(re.compile(pattern + "$") for pattern in (
    _GROUP + "(?P<shares>股[份分])?(?P<limited>有[限线现])(?:责任|任责|责人|责|任)?(?:公[司可同词思]{0,2})?",
    _GROUP + f"(?P<shares>股[份分])(?:{_FIRM})?",
    _GROUP + f"(?:总?{_FIRM})",
    "(?P<group>集[团困])",
    f"(?P<limited>责任{_FIRM})",
))
LEGAL_TAIL = frozenset("司可同词思限线现份分团困公任责人")
BRANCH_TAIL = ("公司", "分厂", "分店", "院", "分部", "中心", "处", "事业部", "部")
BRANCH = re.compile(
    r"(?P<head>.+?(?:公司|集团|厂|院|中心))(?P<branch>.{0,12}?(?:分公司|分厂|分店|分院|分部|分中心|办事处|事业部|代表处|销售处|经营部|门市部|营业部|项目部|售后部))$"
)
BARE_BRANCH = re.compile(r"(?P<head>.{2,}?)(?P<branch>(?:第[一二三四五六七八九十]+)?(?:分公司|分厂|分店|分院|办事处|代表处))$")
FORMER = re.compile(r"^(?:原名?|曾用名|前身|更名前|旧名)[:：]?\s*(?P<name>.{2,})$")
NOISE = frozenset("筹 筹建 注销 已注销 吊销 停用 作废 旧 新 老客户 重复 测试 勿删 破产".split())

LATIN_LEGAL = frozenset((
    "co ltd limited inc incorporated corp corporation company gmbh llc plc ag sa spa srl bv nv ab oy as kk kg pte pty sdn bhd sarl sas "
    "llp lp group colt coltd"
).split())
LATIN_SMALL = frozenset("the and of for".split())
LATIN_GROUP = "group"

# Written forms that are one and the same in the name of a firm; the left one is read as the right one.
_TRADITIONAL = (
    "東东 華华 電电 機机 動动 氣气 業业 車车 鋼钢 鐵铁 設设 備备 儀仪 錶表 國国 際际 銳锐 鄰邻 鈴铃 銘铭 鋒锋 鍍镀 鏟铲 鑽钻 鏈链 蕭萧 薩萨 貝贝 賢贤 贏赢 軌轨 軋轧 輥辊 週周 過过 違违 衝冲 塵尘 墊垫 壯壮 夾夹 寬宽 屬属 嶺岭 嶽岳 廣广 門门 風风 馬马 龍龙 鳥鸟 魚鱼 長长 張张 陽阳 陰阴 "
    "寧宁 漢汉 濟济 蘇苏 無无 錫锡 連连 雲云 慶庆 陝陕 蘭兰 遼辽 黃黄 產产 廠厂 製制 藥药 醫医 療疗 術术 學学 儲储 運运 輸输 貿贸 資资 財财 "
    "銀银 錢钱 鑄铸 鍛锻 軸轴 齒齿 輪轮 閥阀 壓压 縮缩 級级 線线 纜缆 網网 絡络 訊讯 號号 碼码 數数 據据 軟软 體体 導导 傳传 減减 測测 "
    "檢检 試试 驗验 塗涂 熱热 鍋锅 爐炉 燈灯 飾饰 紙纸 絲丝 織织 紡纺 繡绣 麗丽 豐丰 億亿 萬万 達达 遠远 進进 發发 興兴 榮荣 聯联 "
    "團团 總总 創创 開开 關关 環环 節节 營营 銷销 區区 縣县 莊庄 島岛 灣湾 橋桥 樓楼 園园 場场 礦矿 煉炼 採采 農农 種种 養养 飼饲 雞鸡 "
    "豬猪 鮮鲜 鹽盐 麥麦 點点 優优 實实 寶宝 賓宾 館馆 飯饭 衛卫 蓋盖 裝装 備备 構构 築筑 顏颜 膠胶 橡橡 纖纤 維维 純纯 穩稳 強强 彈弹 簧簧 "
    "緊紧 固固 螺螺 釘钉 針针 鏈链 鏡镜 鎖锁 鍵键 錄录 鑫鑫 鋁铝 鈦钛 鎳镍 鋅锌 銅铜 鎢钨 鎂镁 鋰锂 釩钒 穎颖 凱凯 偉伟 傑杰 倫伦 儉俭 "
    "劃划 勁劲 勝胜 勞劳 協协 單单 嚴严 圖图 圓圆 壹一 貳二 叁三 參参 奧奥 婦妇 專专 將将 層层 師师 帶带 幫帮 庫库 應应 彙汇 滙汇 匯汇 "
    "愛爱 態态 憶忆 擊击 擴扩 攝摄 斷断 時时 晉晋 曉晓 會会 歐欧 歷历 殼壳 氫氢 決决 淨净 湯汤 滬沪 潔洁 潤润 濱滨 瀋沈 燒烧 爭争 獨独 "
    "環环 現现 瑪玛 璽玺 畫画 異异 盧卢 監监 眾众 碩硕 禮礼 積积 筆笔 範范 簡简 糧粮 紅红 約约 紹绍 終终 結结 給给 統统 經经 綠绿 緣缘 "
    "繼继 續续 羅罗 聖圣 聲声 職职 腦脑 腳脚 艦舰 藍蓝 處处 虛虚 補补 見见 視视 親亲 計计 記记 許许 評评 詳详 語语 誠诚 調调 談谈 論论 "
    "諾诺 證证 識识 譯译 護护 讀读 變变 讓让 貨货 責责 貴贵 買买 費费 賀贺 賽赛 質质 購购 贊赞 趙赵 躍跃 軍军 較较 輝辉 轉转 轟轰 辦办 "
    "邁迈 選选 遺遗 郵邮 鄭郑 釀酿 鎮镇 閃闪 間间 閩闽 隊队 階阶 隨随 險险 雙双 離离 難难 霧雾 靈灵 靜静 響响 頂顶 項项 順顺 預预 領领 "
    "頭头 頻频 題题 願愿 類类 顧顾 顯显 飛飞 騰腾 驅驱 驕骄 驛驿 鳳凤 鴻鸿 鵬鹏 鶴鹤 鷹鹰 麵面 黨党 齊齐 龜龟 〇零 ○零"
)
SIMPLE = {ord(pair[0]): pair[1] for pair in _TRADITIONAL.split() if pair[0] != pair[1]}
# Characters that eyes and fingers mix up; they count as one only where a typing error is looked for.
ALIKE = {ord(sign): group[0] for group in (
    "己已巳 末未 戊戌戍 日曰 土士 人入八 千干于 天夭 大太犬 木本 田由甲申 刀力 午牛 贝见 乌鸟 今令 免兔 历厉 钢纲 仪议 晶品 泰秦 晴睛 慧惠 "
    "茂荿 炼练 徕睐 瑞端 恒桓 微徽 拨拔 侯候 竞竟 壁璧 拆折 辨辩 赢嬴羸 沈忱 洗冼 邦帮 氏氐 杭抗 莱菜 斯期 博搏 浦埔蒲 凌菱 宏宠 坤绅"
).split() for sign in group[1:]}
DIGITS = {ord(arabic): chinese for arabic, chinese in zip("0123456789", "零一二三四五六七八九", strict=True)}
