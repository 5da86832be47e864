"""The tables of the specification, in both languages, made from the tables of the code."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final, Literal

from adapters.boxes import outbox
from adapters.journal import journalmemory
from certs import encryption, signing
from certs.profiles import ARC, PROFILES, Profile, Role
from deploy.contract.vectors import lifecycles
from deploy.contract.words import WORDS
from hub.history import publishing
from hub.registry import directory as published_directory
from hub.registry import trust
from hub.settings import QuotaSettings, WorkerSettings
from schemas import attachments as limits
from schemas import codec, envelope, shapes, topology
from schemas import directory as form
from schemas.lifecycle import CaseState
from schemas.messages import TYPES, MessageType

Language = Literal["zh", "en"]
_Row = Sequence[str]
_MIB: Final = 2**20
_SEALED_BYTES: Final = 81  # encapsulated key and tag
_FRAME_BYTES: Final = 36  # salt and length
_ROLES: Final = (
    Role.BROKER, Role.HUB_CHECKPOINT, Role.HUB_SIGNING, Role.COUNTY_CONNECTION, Role.COUNTY_SIGNING,
    Role.COUNTY_ENCRYPTION, Role.SEAL,
)  # fmt: skip
_COUNTY: Final = "130928"


def messages(language: Language) -> str:
    """Every message type."""
    heads = {
        "zh": ("类型", "正文记录", "facts 记录", "发送 → 接收", "通道", "链", "属于办件"),
        "en": ("type", "record", "facts", "sender → receiver", "exchange", "chained", "in a case"),
    }
    rows = [
        (
            f"`{kind.name}`",
            f"`{kind.record}`",
            f"`{kind.facts}`" if kind.facts else "",
            f"{kind.sender} → {kind.receiver}",
            topology.EXPRESS if kind.express else topology.SUBMIT,
            _opens(kind, language) or _mark(kind.chained),
            _mark(kind.cased),
        )
        for kind in TYPES.values()
    ]
    return _table(heads[language], rows)


def words(language: Language) -> str:
    """What the hub says itself."""
    heads = {
        "zh": ("类型", "记录", "签名的 typ", "签名证书的用途", "队列"),
        "en": ("type", "record", "typ of its signature", "role of the signer", "queue"),
    }
    rows = [
        (f"`{each.name}`", f"`{each.record}`", _code(each.typ), _code(each.role), ", ".join(each.queues))
        for each in WORDS.values()
    ]
    return _table(heads[language], rows)


def moves(language: Language) -> str:
    """Every legal move of a case."""
    heads = {"zh": ("类型", "facts", "之前", "之后"), "en": ("type", "facts", "before", "after")}
    opening = {"zh": "（尚无办件）", "en": "(no case yet)"}[language]
    same = {"zh": "不变", "en": "unchanged"}[language]
    found: dict[tuple[str, str, str], list[str]] = {}
    for kind in TYPES.values():
        for before in (None, *CaseState) if kind.cased else ():
            for facts, after, code in lifecycles.outcomes(kind, before):
                if code is None and after is not None:
                    said = ", ".join(f"{name} = {value}" for name, value in facts.items())
                    key = (kind.name, said, same if after == before else f"`{CaseState(after).value}`")
                    found.setdefault(key, []).append(f"`{before.value}`" if before else opening)
    rows = [(f"`{name}`", said, ", ".join(befores), after) for (name, said, after), befores in found.items()]
    return _table(heads[language], rows)


def access(language: Language) -> str:
    """What a county may touch on the broker."""
    heads = {
        "zh": ("名称", "是什么", "县可以", "路由键或参数"),
        "en": ("name", "what it is", "a county may", "key or arguments"),
    }
    publish, consume = {"zh": ("发布", "消费"), "en": ("publish", "consume")}[language]
    kinds = {each.name: each.kind for each in topology.declarations([]).exchanges}
    rows = [
        (f"`{name}`", f"{kinds[name]} exchange", publish, f"`from.{_COUNTY}.<shard>.<type>`")
        for name in (topology.SUBMIT, topology.EXPRESS, topology.PARTS)
    ]
    rows.insert(1, (f"`{topology.SUBMIT}`", "", publish, f"`{topology.directory_key(_COUNTY)}`"))
    readable = (topology.county_inbox(_COUNTY), topology.county_express(_COUNTY), topology.county_parts(_COUNTY))
    rows += [
        (
            f"`{queue.name}`",
            "queue",
            consume,
            "; ".join(f"`{name}` = {value}" for name, value in queue.arguments.items()),
        )
        for queue in topology.county_declarations([_COUNTY]).queues
        if queue.name in readable
    ]
    return _table(heads[language], rows)


def records(language: Language) -> str:
    """Every record that travels on its own."""
    heads = {
        "zh": ("记录", "编码的前十个字节", "上限（字节）", "`dataschema`"),
        "en": ("record", "first ten bytes", "cap in bytes", "`dataschema`"),
    }
    rows = [
        (
            f"`{name}`",
            f"`{codec.header(name).hex()}`",
            str(codec.CAPS_BYTES.get(name, codec.CAP_BYTES)),
            f"`{shapes.dataschema(name).removeprefix(shapes.NAMESPACE + '.')}`",
        )
        for name in shapes.MESSAGE_RECORDS
    ]
    return _table(heads[language], rows)


def profiles(language: Language) -> str:
    """Certificates that a county meets."""
    heads = {
        "zh": ("用途", "主体 CN", "密钥用法", "扩展密钥用法（全部，不多不少）", "最长天数"),
        "en": ("role", "subject CN", "key usage", "extended key usages (exactly these)", "longest life in days"),
    }
    rows = [
        (
            f"`{role.value}`",
            _subject(profile, language),
            ", ".join(sorted(profile.key_usage)),
            ", ".join(f"`{each.replace(ARC, 'ARC')}`" for each in sorted(profile.ekus)),
            str(profile.validity_days),
        )
        for role in _ROLES
        for profile in (PROFILES[role],)
    ]
    return _table(heads[language], rows)


def _subject(profile: Profile, language: Language) -> str:
    """The only common name, in words where its shape is none of our codes."""
    if profile.subject_shape in ("hub", "[0-9]{6}"):
        return f"`{profile.subject_shape}`"
    if profile.needs_san:
        return {"zh": "主机名", "en": "host name"}[language]
    return {"zh": "发证机关", "en": "issuing authority"}[language]


def numbers(language: Language) -> str:
    """Limits and times."""
    heads = {"zh": ("上限或时间", "值"), "en": ("limit or time", "value")}
    return _table(heads[language], [(zh if language == "zh" else en, value) for zh, en, value in _numbers()])


def _numbers() -> Iterable[tuple[str, str, str]]:
    quota = QuotaSettings()
    yield "`expires` 最多晚于 `time`", "`expires` at most after `time`", _days(envelope.LONGEST_LIFE)
    yield "参考实现的 `expires`", "`expires` of the reference county", _days(outbox.LIFE)
    yield (
        "`time` 最多超前中枢时间",
        "`time` at most ahead of the hub's",
        f"{envelope.MAX_CLOCK_AHEAD.seconds // 60} min",
    )
    yield "信封", "envelope", f"{codec.CAPS_BYTES['Envelope']} B"
    yield "发给县的正文，加密前", "payload for a county, before encryption", f"{largest_payload_bytes()} B"
    yield "签名", "signature", f"{signing.MAX_TOKEN_CHARACTERS} characters"
    yield "签名头部（base64url）", "its header (base64url)", f"{signing.MAX_HEADER_BYTES} characters"
    yield "等候前一报文", "waiting for a predecessor", f"{WorkerSettings().parked_seconds:.0f} s"
    yield "收件队列", "inbox", f"{topology.INBOX_BYTES // _MIB} MiB"
    yield "急件队列", "express queue", f"{topology.EXPRESS_BYTES // _MIB} MiB"
    yield "配额：报文", "quota: messages", f"{quota.messages_per_second:.0f}/s, burst {quota.burst_messages}"
    rate, burst = quota.bytes_per_second // _MIB, quota.burst_bytes // _MIB
    yield "配额：字节", "quota: bytes", f"{rate} MiB/s, burst {burst} MiB"
    yield "目录有效期", "life of a directory", _days(published_directory.LIFE)
    yield "目录一份的内容", "entries in one part of the directory", f"{form.PART_BYTES} B, {form.MOST_IN_PART}"
    yield "公布检查点的间隔", "between published checkpoints", f">= {WorkerSettings().publish_seconds:.0f} s"
    yield "一次公布的证明", "proofs in one publication", f"<= {publishing.MOST_PROOFS}"
    yield "所求的证明最迟", "a proof that was asked for comes within", f"{journalmemory.PROVE_WITHIN.seconds} s"
    yield (
        "证照状态的默认最大时效",
        "greatest age of a license's state, by default",
        f"{trust.DEFAULT_STATE_AGE_SECONDS} s",
    )
    yield "附件的一片（密文）", "one part of an attachment (ciphertext)", f"{limits.PART_BYTES} B"
    yield "一个办件的附件，加密前合计", "attachments of one case, before encryption", f"{limits.MOST_CASE_BYTES} B"
    yield "索取未到的片，每个发送县", "parts asked of one county and still to come", f"{limits.CREDIT}"
    yield "附件队列", "queue of parts", f"{topology.PARTS_BYTES // _MIB} MiB"
    yield "附件队列中的片最多停留", "a part stays in a queue at most", f"{topology.PARTS_MILLISECONDS // 1000} s"


def largest_payload_bytes() -> int:
    """What fits into an envelope's `data` when it is padded and encrypted."""
    (data,) = (each for each in shapes.raw()["Envelope"]["fields"] if each["name"] == "data")
    room: int = data["max_bytes"] - _SEALED_BYTES
    frame = room
    while encryption.bucket_bytes(frame) > room:
        frame -= 1
    return frame - _FRAME_BYTES


def _days(duration: timedelta) -> str:
    return f"{duration.days} d"


def _opens(kind: MessageType, language: Language) -> str:
    return {"zh": "立案", "en": "opens"}[language] if kind.opens else ""


def _mark(yes: bool) -> str:
    return "✓" if yes else ""


def _code(value: str | None) -> str:
    return f"`{value}`" if value else "—"


def _table(heads: Sequence[str], rows: Iterable[_Row]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


TABLES: Final[Mapping[str, Callable[[Language], str]]] = {
    each.__name__: each for each in (messages, words, moves, access, records, profiles, numbers)
}
