"""Invented service items and their guides, in the words that halls use; the same every time."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from deploy.crowd.divisions import County
from schemas.catalogue.model import ListedMaterial, MaterialSource, Necessity

COMPANY: Final = "000131127004"
"""公司登记注册, a real code; the demonstration's counties offer it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a service item is about."""

    code: str
    name: str
    about: str
    act: str
    result: str


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# 27 subjects and three acts: the 81 items of the partners.
_PARTNERS: Final = _words(
    "公司 个体工商户 农民专业合作社 食品经营 药品零售 第二类医疗器械经营 营业性演出 "
    "道路货物运输经营 出版物零售 公共场所卫生 特种设备使用 林木种子生产经营 动物防疫条件 兽药经营 "
    "饲料生产 劳务派遣经营 人力资源服务 民办职业培训学校 医疗机构执业 护士执业 医师执业 教师资格 "
    "社会保险参保 养老保险关系 住房公积金 不动产 残疾人证"
)
_PARTNER_ACTS: Final = ("登记注册", "变更登记", "注销登记")
_FIELDS: Final = _words(
    "城镇燃气 城市供水 城市供热 排水与污水处理 建筑施工企业 房地产开发企业 物业服务 工程监理 "
    "勘察设计 消防安全 人防工程 市政设施 园林绿化 户外广告 道路旅客运输 机动车维修 "
    "网络预约出租汽车 水路运输 港口经营 渔业捕捞 水产苗种 农药经营 种畜禽生产 农业机械 林木采伐 "
    "草原使用 取水 河道采砂 水土保持 建设项目环境影响 排污 危险废物经营 辐射安全 放射诊疗 "
    "生活饮用水 母婴保健 养老机构 社会团体 民办非企业单位 基金会 殡葬服务 婚姻家庭服务 "
    "职业技能鉴定 学校办学 校外培训机构 体育场所 高危险性体育项目 娱乐场所 互联网上网服务 文物保护 "
    "电影放映 广播电视节目 旅行社 拍卖企业 典当 成品油零售 烟花爆竹 危险化学品经营"
)
_ACTS: Final = _words(
    "设立审批 变更审批 延续审批 注销审批 许可证核发 许可证补办 资质核准 资质变更 备案 变更备案 "
    "年度报告 从业人员登记 负责人变更 场所变更 信息查询 档案调取 证明出具 信用修复 补贴申领 "
    "费用减免 异地协查 延期申请 暂停经营 恢复经营"
)


def subjects(partners: int, capital: int, shared: int) -> tuple[list[Subject], list[Subject]]:
    """The items of the partners and of the capital region; the first so many of the former stand in both."""
    own = [
        _subject(COMPANY if at == 0 else f"0001{31 + at % 20:02d}{200 + at:03d}00{at % 9 + 1}", about, act)
        for at, (act, about) in enumerate(islice(product(_PARTNER_ACTS, _PARTNERS), partners))
    ]
    others = [
        _subject(f"00{_type(act)}{11 + at % 70:02d}{400 + at // 24:03d}{at % 24 + 1:03d}", about, act)
        for at, (about, act) in enumerate(islice(product(_FIELDS, _ACTS), capital - shared))
    ]
    return own, own[:shared] + others


def _type(act: str) -> str:
    return (
        "20" if act in ("信息查询", "档案调取", "证明出具", "信用修复", "年度报告") else "07" if "备案" in act else "01"
    )


def _subject(code: str, about: str, act: str) -> Subject:
    result = "营业执照" if act == "登记注册" and "公司" in about else f"{about}{act}办理结果通知书"
    return Subject(code=code, name=f"{about}{act}", about=about, act=act, result=result)


def materials(subject: Subject, at: int) -> tuple[ListedMaterial, ...]:
    """Four to six, of every kind."""
    listed = [
        ListedMaterial(
            code="SQB", name=f"{subject.name}申请表", necessity=Necessity.REQUIRED, source=MaterialSource.APPLICANT,
            exempt=False,
        ),
        ListedMaterial(
            code="SFZ", name="申请人身份证明", necessity=Necessity.REQUIRED, source=MaterialSource.GOVERNMENT,
            exempt=at % 3 == 1,
        ),
        ListedMaterial(
            code="CNS", name="告知承诺书", necessity=Necessity.DEFERRABLE, source=MaterialSource.APPLICANT, exempt=False
        ),
        ListedMaterial(
            code="WTS", name="授权委托书及代理人身份证明", necessity=Necessity.OPTIONAL,
            source=MaterialSource.APPLICANT, exempt=False,
        ),
    ]  # fmt: skip
    if at % 2:
        listed.append(
            ListedMaterial(
                code="YYZZ",
                name="营业执照",
                necessity=Necessity.REQUIRED,
                source=MaterialSource.GOVERNMENT,
                exempt=True,
            )
        )
    if at % 3 == 0:
        listed.append(
            ListedMaterial(
                code=f"CL-{at % 7 + 1}", name=f"{subject.about}场所使用证明", necessity=Necessity.REQUIRED,
                source=MaterialSource.OTHER, exempt=False,
            )
        )  # fmt: skip
    return tuple(listed)


def business_items(subject: Subject) -> Sequence[str]:
    """One or two; the company's as at the demonstration's counties."""
    if subject.code == COMPANY:
        return ("公司设立登记", "公司变更登记", "公司注销登记")
    return (subject.name,)


def power_source(subject: Subject) -> str:
    """The law that an item stands on."""
    return f"《中华人民共和国行政许可法》第十二条；国家规定的{subject.about}管理条例（示例）"


def accept_condition(subject: Subject) -> str:
    """When it is accepted."""
    return (
        f"申请{subject.name}，应当同时符合：一、申请人为具有完全民事行为能力的自然人、法人或者其他组织；"
        f"二、{subject.about}所用的场所、设施与从业人员符合国家和省规定的标准；三、提交的材料真实、完整、有效，"
        f"与原件一致；四、近三年内没有因{subject.about}方面的严重失信行为被列入限制名单。"
    )


def handle_flow(subject: Subject) -> str:
    """From the counter to the paper."""
    return (
        f"一、申请：申请人在收件地窗口或网上提交{subject.name}材料；二、收件：窗口核验身份，作形式审查，出具收件凭证；"
        "三、受理：属地在五日内决定受理，材料不全的一次性告知补正；四、审查：属地承办人审查，需要现场核查的另行告知；"
        f"五、决定：作出准予或者不予许可的决定；六、送达：{subject.result}在收件地窗口打印或者邮寄送达。"
    )


def own_flow(county: County, subject: Subject) -> str:
    """What a county says of its own way."""
    return (
        f"{county.name}对{subject.name}实行一窗受理、并联审查；外省申请由跨省通办专窗统一转办，当日接件；"
        "需要补正的由收件地窗口转告申请人；结果可到本县大厅自取，也可由收件地代为打印。"
    )


def address(county: County, turn: int) -> str:
    """Where the hall is, and which window."""
    prefecture = "" if county.prefecture in ("", county.province) else county.prefecture
    return f"{county.province}{prefecture}{county.name}政务服务中心{turn % 4 + 1}楼{turn % 60 + 1}号跨省通办窗口"


def hours(turn: int) -> str:
    """When it is open."""
    afternoon = ("13:00至17:00", "14:00至17:30", "13:30至17:30")[turn % 3]
    return f"工作日上午9:00至12:00，下午{afternoon}"


def telephone(county: County, turn: int) -> str:
    """A number that cannot be: none begins with 0 behind its area code."""
    return f"0{county.code[:3]}-0{int(county.code) % 1000:03d}{turn % 1000:03d}"
