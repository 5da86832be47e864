"""The data map: who handles which personal data, what of it, why and for how long, generated from the contract.

PIPL art. 55 and 56 and GB/T 35273-2020 ask for it (domain §8.2, P15). Fields and classes come from the schemas, senders
and receivers from the party table; only the purposes and the times of keeping are written here, once. A test holds the
two files in `docs/` to what this says.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pages.wording import mark as _
from pages.wording import say
from schemas import privacy, shapes
from schemas.messages import TYPES, MessageType, Party

PAGES: Final = {"zh": "docs/zh-CN/data-map.md", "en": "docs/en/data-map.md"}
"""Where each language's page lies in a checkout."""

PURPOSES: Final[Mapping[str, str]] = {
    "application.submitted": _("受理并审查申请（行政许可法第四章第一、二节）：申请人是谁、申请什么、怎样联系。"),
    "supplement.requested": _("一次告知需要补正的全部内容（行政许可法第三十二条）：缺什么、谁告知。"),
    "supplement.provided": _("交回补正的材料（行政许可法第三十一、三十二条）：补了什么、谁收取。"),
    "application.not_accepted": _("告知不予受理及其理由与救济途径（行政许可法第三十二条）。"),
    "application.accepted": _("告知申请已受理、由谁受理（行政许可法第三十二条）。"),
    "review.advanced": _("告知审查走到哪一步、由谁审查（行政许可法第三十四条）。"),
    "procedure.opened": _("书面告知听证、检验、专家评审等所需的时间（行政许可法第四十五条）。"),
    "procedure.closed": _("告知该程序的结论（行政许可法第四十五条）。"),
    "deadline.extended": _("告知延长期限、理由与批准人（行政许可法第四十二条）。"),
    "decision.made": _("告知决定、理由与救济途径，以及由谁批准（行政许可法第三十七、三十八条）。"),
    "case.withdrawn": _("转达申请人撤回申请：谁撤回、谁收取。"),
    "case.terminated": _("告知办件终止、依据与理由。"),
    "license.issued": _("把证照交给窗口打印、送达（行政许可法第三十九、四十四条）。"),
    "license.state_changed": _("告知证照已暂停、撤销或更换（行政许可法第六十九、七十条）：依据与理由、由谁决定。"),
    "print.revoked": _("撤回尚未打印的授权，并说明理由。"),
    "print.settled": _("对每一张空白证照负责：由谁确认、为何作废。"),
    "case.handed_over": _("证明证照送达了谁、由谁送达（行政许可法第四十四条）。"),
    "case.closed": _("告知办结及其结果，由谁办结。"),
    "parcel.sent": _("寄递纸质材料或结果：寄给谁、寄了什么、由谁交寄。"),
    "parcel.received": _("证明拆封由两人在场、与清单相符与否。"),
    "visit.offered": _("约定踏勘：地点、时段与核查要点。"),
    "visit.booked": _("约定踏勘：现场联系谁。"),
    "visit.done": _("告知逐项核查的结果、由谁踏勘。"),
    "rating.given": _("转达评价；留下电话的，用于差评回访。"),
    "rating.followed_up": _("证明差评有人回访、有整改（谁办理、谁负责）。"),
    "license.expiring": _("提醒持证人证照将到期。"),
    "group.joined": _("告知这一办件与哪些办件一同办理、由谁编入。"),
    "case.undo_requested": _("同组的另一部分没有办成，请求撤销这一部分：由谁请求。"),
    "case.undone": _("答复撤销的请求：理由、由谁批准。"),
    "review.convened": _("告知评审什么、哪些单位回避、由谁召集。"),
    "review.drawn": _("告知抽中了哪几位专家、由谁抽取。"),
    "review.concluded": _("告知评审结论、由谁办理。"),
    "opinion.asked": _("请专家所在的县转请专家评审，并核对利害关系。"),
    "opinion.given": _("告知专家的意见、由谁签名（电子会签）。"),
    "opinion.declined": _("告知专家不能评审的原因。"),
    "question.asked": _("把问题交给事项所在县答复。"),
    "question.answered": _("答复问题、由谁答复。"),
    "question.continued": _("就答复追问。"),
    "question.closed": _("结束咨询、由谁结束。"),
    "appeal.raised": _("转办群众反映的问题：反映什么、怎样联系反映人。"),
    "appeal.escalated": _("把未解决的问题交给指名的负责人。"),
    "appeal.returned": _("告知反映人不认可处理结果的理由。"),
    "appeal.answered": _("告知处理措施、由谁答复。"),
    "appeal.closed": _("记下反映人认可与否。"),
    "alive.requested": _("请居住地核实领取待遇的人是否健在。"),
    "alive.answered": _("告知认证结论、由谁认证。"),
    "list.published": _("逐行核对按月清单。"),
    "list.reconciled": _("告知逐行核对的结果、由谁核对。"),
}
"""Why each message type that carries personal data carries it."""
_PARTIES: Final = {
    Party.WINDOW: _("收件地"),
    Party.ISSUING: _("属地"),
    Party.EITHER: _("任一县"),
    Party.HUB: _("中枢"),
}
_CLASSES: Final = {"basic": _("一般个人信息"), "sensitive": _("敏感个人信息")}


def page(language: str) -> str:
    """The page in a language; both have the same headings. Raises KeyError for a type without a stated purpose."""
    return "\n".join([*_opening(language), *_handlers(language), *_keeping(language), *_messages(language),
                      *_clear(language)]) + "\n"  # fmt: skip


def personal_fields(record: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The fields of a record, down to the last, that are personal, by their path."""
    return [(path, field) for path, field in _leaves(record, "") if field["pii"] != "none"]


def _opening(language: str) -> Iterator[str]:
    yield f"# {say(_('数据地图'), language)}"
    yield ""
    yield say(_("本页由标准生成，不要手工修改；标准变更后用下面的命令重新生成。"), language)
    yield ""
    yield "```\n.venv/bin/python -m hub contract datamap\n```"
    yield ""


def _handlers(language: str) -> Iterator[str]:
    yield f"## {say(_('谁处理'), language)}"
    yield ""
    rows = (
        (_("收件地"), _("替申请人报送，打印并送达证照；看得到本县办件的全部内容。")),
        (_("属地"), _("受理、审查、决定、制证；看得到发给本县的办件的全部内容。")),
        (_("中枢"), _("受各县委托转递；正文是密文，打不开。只看得到本页最后列出的明文。")),
        (_("其他县"), _("收不到办件的任何内容。")),
        (_("扫码的公众"), _("凭手里的证照看到脱敏照面与状态，凭回执看到环节与日期；别的看不到。")),
    )
    yield from _table(language, (_("处理者"), _("做什么、看得到什么")), rows)


def _keeping(language: str) -> Iterator[str]:
    yield f"## {say(_('保存多久'), language)}"
    yield ""
    rows = (
        (
            _("收件地的县节点"),
            _("窗口收件的草稿、内容和扫描件，加密存放；到本县定的期限（不写为 30 天）由节点擦除，每次留一行记录。"),
        ),
        (
            _("两县的县节点"),
            _("正文加密存放，密钥归本县；办结后按 county.toml 的 [retention] 到期清除，清除有记录可查。"),
        ),
        (
            _("属地的县节点：材料的文件"),
            _("收件地扫描、传来的文件，每个用自己的密钥加密存放；办结后与正文同期清除，密钥一并清除。"),
        ),
        (_("两县的本地系统"), _("由各县自定，不归本程序管理。")),
        (_("中枢"), _("密文、摘要与签名；办结 30 天后删除密文尚未实现，摘要与签名长期保存，其中没有个人信息。")),
        (
            _("中枢的扫码登记"),
            _("脱敏照面的密文，密钥只在纸上的二维码里，中枢打不开；长期保存，随新的登记替换。访客只计次数。"),
        ),
        (_("消息队列"), _("密文，接收方取走即无；信封有效期最长 30 天，材料文件的分片最长 10 分钟，中枢不保存。")),
    )
    yield from _table(language, (_("在哪里"), _("保存什么、多久")), rows)


def _messages(language: str) -> Iterator[str]:
    yield f"## {say(_('哪些报文带有个人信息'), language)}"
    yield ""
    yield say(
        _("各报文的正文只有接收方能打开。级别：一般个人信息、敏感个人信息（个人信息保护法第二十八条）。"), language
    )
    yield ""
    silent = []
    for kind in TYPES.values():
        fields = personal_fields(kind.record)
        if fields:
            yield from _message(language, kind, fields)
        else:
            silent.append(kind.name)
    yield f"### {say(_('其余报文没有个人信息'), language)}"
    yield ""
    yield ", ".join(f"`{name}`" for name in silent)
    yield ""


def _message(language: str, kind: MessageType, fields: list[tuple[str, Mapping[str, Any]]]) -> Iterator[str]:
    yield f"### `{kind.name}`"
    yield ""
    ways = f"{say(_PARTIES[kind.sender], language)} → {say(_PARTIES[kind.receiver], language)}"
    colon = "：" if language == "zh" else ": "
    yield f"- {say(_('从谁到谁'), language)}{colon}{ways}"
    yield f"- {say(_('为什么'), language)}{colon}{say(PURPOSES[kind.name], language)}"
    yield ""
    described = language == "zh"  # the contract describes its fields in Chinese; their names are English words
    heads = (_("字段"), _("级别"), *([_("内容")] if described else []))
    rows = ((f"`{path}`", _CLASSES[field["pii"]], *([field["doc"]] if described else [])) for path, field in fields)
    yield from _table(language, heads, rows)


def _clear(language: str) -> Iterator[str]:
    yield f"## {say(_('中枢看得到的明文'), language)}"
    yield ""
    yield say(_("全部是代码、数字、日期与摘要；检查会拒绝别的内容。正文的大小与收发时间中枢也看得到。"), language)
    yield ""
    clear = dict(privacy.clear_fields(shapes.raw()))
    rows = (
        (f"`{place}`", f"`{field['code']}`" if "code" in field else _shape(field)) for place, field in clear.items()
    )
    yield from _table(language, (_("字段"), _("代码类别或类型")), rows)


def _table(language: str, heads: tuple[str, ...], rows: Any) -> Iterator[str]:
    yield "| " + " | ".join(say(each, language) for each in heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(say(each, language) for each in row) + " |"
    yield ""


def _shape(field: Mapping[str, Any]) -> str:
    """A clear field's type in a word, the same in both languages."""
    kind = field["type"]
    if isinstance(kind, list):
        kind = [each for each in kind if each != "null"]
        kind = kind[0] if len(kind) == 1 else "facts"
    name = kind if isinstance(kind, str) else kind.get("logicalType", kind["type"])
    return name.rsplit(".", 1)[-1].removesuffix("-millis")


def _leaves(record: str, before: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for field in shapes.raw()[record]["fields"]:
        kind = field["type"]
        path = f"{before}{field['name']}"
        if isinstance(kind, dict) and kind["type"] == "array":
            kind, path = kind["items"], f"{path}[]"
        if isinstance(kind, list):
            kind = next(each for each in kind if each != "null")
        named = shapes.raw().get(kind.rsplit(".", 1)[-1], {}) if isinstance(kind, str) else kind
        if named.get("type") == "record":
            yield from _leaves(named["name"], f"{path}.")
        else:
            yield path, field
