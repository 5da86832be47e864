"""What a file can turn out to be, each with its own sentence and what to do about it.

What stands earlier in `ORDER` says more about the file than what stands later, and is what the clerk is told first.
Sources of the attacks: "1 Trillion Dollar Refund" (CCS 2019: universal forgery, incremental saving, wrapping), "Shadow
Attacks" (NDSS 2021: hide, replace, hide-and-replace); both are on pdf-insecurity.org.
"""

from typing import Final

from schemas.errors import Code, declare

NOT_A_PDF: Final = declare(
    "E-VERIFY-101", "这不是 PDF 文件，核验不了。", "请对方提供电子证照的 PDF 原文件；照片、网页和文档都不行。"
)
TOO_LARGE: Final = declare(
    "E-VERIFY-102", "文件比任何一份证照都大，没有打开。", "请对方提供电子证照的 PDF 原文件，不要合并、转换或压缩。"
)
BOMB: Final = declare(
    "E-VERIFY-103",
    "文件的构造像是要拖垮电脑：嵌套过深、展开过大或页面过大，没有打开。",
    "请不要用别的软件打开它，并把来源告诉县信息中心。",
)
TRUNCATED: Final = declare(
    "E-VERIFY-104", "文件不完整，后半部分丢了。", "多半是传送中断。请对方重新发送原文件，再核验一次。"
)
ENCRYPTED: Final = declare(
    "E-VERIFY-105", "文件加了密或设了口令；证照从不加密。", "请对方提供没有加密的原文件；不要向对方索要口令。"
)
JAVASCRIPT: Final = declare(
    "E-VERIFY-106", "文件里有会自己运行的脚本；证照里从来没有。", "请不要用别的软件打开它，并把来源告诉县信息中心。"
)
LAUNCH: Final = declare(
    "E-VERIFY-107", "文件要在电脑上启动别的程序；证照从不这样。", "请不要用别的软件打开它，并立即告诉县信息中心。"
)
EMBEDDED_FILE: Final = declare(
    "E-VERIFY-108", "文件里夹带了别的文件；证照从不夹带。", "请不要取出其中的文件，并把来源告诉县信息中心。"
)
XFA_FORM: Final = declare(
    "E-VERIFY-109", "文件里有动态表单（XFA），显示的内容可以自己变；证照里从来没有。", "请对方提供电子证照的原文件。"
)
EXTERNAL: Final = declare(
    "E-VERIFY-110",
    "文件要从外面取内容或向外发送；证照只含自己的内容。",
    "请不要用别的软件打开它，并把来源告诉县信息中心。",
)
UNREADABLE: Final = declare(
    "E-VERIFY-111", "这个 PDF 已损坏，看不出是什么文件。", "请对方提供电子证照的原文件；不要另存、转换或修复。"
)
NOT_OURS: Final = declare(
    "E-VERIFY-112",
    "这是一份普通的 PDF，不是本网络制发的电子证照。",
    "请对方提供电子证照的原文件，或向属地政务大厅核实。",
)
SCAN: Final = declare(
    "E-VERIFY-113",
    "这是扫描或拍照得到的图片，上面印着的章没有电子印章的效力。",
    "图片不能核验真假。请对方提供电子证照的 PDF 原文件，或查验纸质证照。",
)
UNSEALED: Final = declare(
    "E-VERIFY-114",
    "文件写着证照的内容，但没有电子印章，是未盖章的副本或另存的文件。",
    "不能当作证照使用。请对方提供盖有电子印章的原文件。",
)
UNIVERSAL_FORGERY: Final = declare(
    "E-VERIFY-115",
    "文件里的电子印章是空壳，什么也没有签，是伪造的（通用签名伪造）。",
    "不要接受。请留存文件，并联系证照上的发证机关。",
)
WRAPPING: Final = declare(
    "E-VERIFY-116",
    "文件里的电子印章签的不是现在显示的内容，是伪造的（签名包装）。",
    "不要接受。请保留文件，并向证照上的发证机关核实。",
)
SECOND_SIGNATURE: Final = declare(
    "E-VERIFY-117", "文件上不止一个电子签名；证照只有发证机关的一个印章。", "不要接受。请对方提供没有再签过名的原文件。"
)
SHADOW_HIDE_AND_REPLACE: Final = declare(
    "E-VERIFY-118",
    "盖章以后整页被换成了事先藏好的另一页（影子攻击：藏换）。",
    "不要接受。请留存文件，并联系发证机关和县信息中心。",
)
SHADOW_REPLACE: Final = declare(
    "E-VERIFY-119",
    "盖章以后换了字体或表单的样子，同样的字显示成了别的字（影子攻击：替换）。",
    "不要接受。请留存文件，并告诉发证机关和县信息中心。",
)
SHADOW_HIDE: Final = declare(
    "E-VERIFY-120",
    "盖章以后页面上的内容被盖住、揭开或换掉了（影子攻击：隐藏）。",
    "不要接受。请留存文件，并向发证机关和县信息中心说明。",
)
INCREMENTAL_SAVING: Final = declare(
    "E-VERIFY-121",
    "盖章的文件后面接了来路不明的内容，有的软件会照它显示（增量保存攻击）。",
    "不要接受。请对方提供原文件，并留存这一份。",
)
PAGE_ADDED: Final = declare(
    "E-VERIFY-122", "盖章以后增加了页面，增加的页不是发证机关的。", "不要接受这一份。请对方提供没有加过页的原文件。"
)
ANNOTATED: Final = declare(
    "E-VERIFY-123", "盖章以后加了批注、图章或涂画。", "不要接受这一份。请对方提供没有批注过的原文件。"
)
FORM_FILLED: Final = declare("E-VERIFY-124", "盖章以后填写了表单。", "不要接受这一份。请对方提供没有填写过的原文件。")
APPENDED: Final = declare(
    "E-VERIFY-125", "盖章以后文件末尾又添了内容。", "不要接受这一份。请对方提供盖章后没有再保存过的原文件。"
)
METADATA_CHANGED: Final = declare(
    "E-VERIFY-126",
    "盖章以后改了文件的属性（如标题、日期），页面没有变；多半是用软件打开后又保存过。",
    "不要接受这一份。请对方提供没有再保存过的原文件。",
)
ALTERED: Final = declare(
    "E-VERIFY-127", "盖章以后内容被改动了，印章与内容不符。", "不要接受。请留存文件，并向证照上的发证机关核实。"
)
NOT_A_SEAL: Final = declare(
    "E-VERIFY-128",
    "签名用的证书不是印章证书，是个人或系统的签名。",
    "不能当作发证机关的印章。请对方提供电子证照的原文件。",
)
TRIAL_SEAL: Final = declare(
    "E-VERIFY-129", "盖的是试用印章，这是一份样张，没有法律效力。", "不能当作证照使用。请对方提供正式的电子证照。"
)
PRODUCTION_SEAL: Final = declare(
    "E-VERIFY-130", "盖的是正式印章，而这里正在试用，只认样张。", "请在正式运行的县节点上核验这份文件。"
)
OTHER_AUTHORITY: Final = declare(
    "E-VERIFY-131",
    "印章证书不是本网络认可的印章发证机构签发的。",
    "可能是别的网络的印章，也可能是伪造的。请向证照上的发证机关核实。",
)
SEAL_NOT_IN_TIME: Final = declare(
    "E-VERIFY-132", "盖章的时候，印章证书已经过期或还没有生效。", "不要接受。请向证照上的发证机关核实，由它重新盖章。"
)
REVOKED_BEFORE: Final = declare(
    "E-VERIFY-133", "盖章的时候，印章证书已经被吊销。", "不要接受。印章可能被盗用，请立即联系证照上的发证机关。"
)
REVOKED_SINCE: Final = declare(
    "E-VERIFY-134",
    "印章证书后来被吊销了；盖章时间只是文件自己说的，本县没有存证，可能是倒签。",
    "先不要接受。请按证照上的二维码查询，或向发证机关核实。",
)
NO_REVOCATION_DATA: Final = declare(
    "E-VERIFY-135",
    "文件没有带盖章当时的吊销信息，或者它说明不了盖章的时间。",
    "先不要接受。请对方提供原文件；原文件也这样的，请发证机关重新盖章。",
)
TIME_WRONG: Final = declare(
    "E-VERIFY-136", "文件没有盖章时间，或者盖章时间在将来。", "请先核对本机时钟；时钟正确的，不要接受这份文件。"
)
NOT_CERTIFIED: Final = declare(
    "E-VERIFY-137",
    "印章没有声明盖章后不许改动；本网络的证照都有这个声明。",
    "先不要接受。请对方提供电子证照的原文件。",
)
NOT_VALIDATED: Final = declare(
    "E-VERIFY-138", "两套核验程序对这个印章的结论不一致。", "先不要接受。请把文件交县信息中心，由它联系运维。"
)
IDENTIFIER_WRONG: Final = declare(
    "E-VERIFY-139", "文件里没有电子证照标识，或者标识的校验位不对。", "不要接受。请拿证照上的标识向发证机关核对。"
)
ISSUER_DIFFERS: Final = declare(
    "E-VERIFY-140", "印章的主人不是证照上写的发证机关。", "不要接受。请同时联系证照上的发证机关和印章的主人。"
)
FACE_DIFFERS: Final = declare(
    "E-VERIFY-141",
    "印章是真的，但文件上的内容与发证机关发给本县的数据不同。",
    "不要接受，也不要打印。请联系发证机关查明哪一份是对的。",
)
OTHER_FILE: Final = declare(
    "E-VERIFY-142",
    "内容相同，但不是发证机关发给本县的那一个文件。",
    "先不要接受。请使用打印台里的证照，或联系发证机关。",
)
STATE_ENDED: Final = declare(
    "E-VERIFY-143",
    "文件是真的，但发证机关说这份证照现在不能用：{found}。",
    "不要接受。请持证人向发证机关了解原因。",
)
REPLACED: Final = declare(
    "E-VERIFY-144",
    "文件是真的，但已经有了新的版本（{found}），这一份作废。",
    "请对方提供新版本；本县打印台里有新版本的，以它为准。",
)
GENUINE: Final = declare(
    "E-VERIFY-145",
    "这是一份真实、完整的电子证照，盖章后没有改动。",
    "可以当作电子证照的原件。是否仍然有效看“证照现在的状态”；不知道的，请扫描证照上的二维码查询。",
)

ORDER: Final[tuple[Code, ...]] = (
    NOT_A_PDF, TOO_LARGE, BOMB, ENCRYPTED, LAUNCH, JAVASCRIPT, XFA_FORM, EMBEDDED_FILE, EXTERNAL,
    UNIVERSAL_FORGERY, WRAPPING, SECOND_SIGNATURE,
    SHADOW_HIDE_AND_REPLACE, SHADOW_REPLACE, SHADOW_HIDE, INCREMENTAL_SAVING,
    PAGE_ADDED, ANNOTATED, FORM_FILLED, APPENDED, METADATA_CHANGED,
    TRUNCATED, ALTERED, UNREADABLE, SCAN, UNSEALED, NOT_OURS,
    TRIAL_SEAL, PRODUCTION_SEAL, NOT_A_SEAL, OTHER_AUTHORITY, TIME_WRONG, SEAL_NOT_IN_TIME, REVOKED_BEFORE,
    NO_REVOCATION_DATA, NOT_CERTIFIED, NOT_VALIDATED, REVOKED_SINCE,
    IDENTIFIER_WRONG, ISSUER_DIFFERS, FACE_DIFFERS, OTHER_FILE, STATE_ENDED, REPLACED,
    GENUINE,
)  # fmt: skip
"""What is told first stands first; every code of this module stands here once."""

BY_CODE: Final = {each.code: each for each in ORDER}
