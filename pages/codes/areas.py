"""What the codes of one area have in common: what became of the case, and where county IT or the operator looks."""

from dataclasses import dataclass
from typing import Final

from pages.wording import mark as _


@dataclass(frozen=True, slots=True)
class Area:
    """One area of codes, Chinese and marked."""

    name: str
    meaning: str
    """What it means for the case and who acts."""
    look: str
    """Where to look first."""


_COUNTY = _("在县节点运行 adapter status，或看打印台左栏“本县没有通过的”。")
_HUB = _("在中枢运行 hub status；单个办件运行 hub trace 办件编号。")
_DOCTOR = _("在县节点运行 adapter doctor，它逐项查名称解析、端口、证书与时钟，并说出原因。")
_LOG = _("看命令所在终端的输出，以及该进程日志中带这个代码的那一行。")

AREAS: Final = {
    "ADM": Area(
        _("准入与放行"),
        _("中枢没有收下这条报文，或没有放行这次打印；办件停在原处，别的办件不受影响。由报送的县改正。"),
        _COUNTY,
    ),
    "BACKUP": Area(_("备份与恢复"), _("只影响中枢的备份或恢复，办件照常流转。由运维处理。"), _LOG),
    "BROKER": Area(
        _("消息服务"), _("中枢的消息服务不可用或设置不对；报文留在各县发件箱，恢复后自动送出。由运维处理。"), _HUB
    ),
    "CAL": Area(_("工作日历"), _("日历文件没有装入，期限仍按原来的日历计算。由运维或县信息中心改正文件后再装。"), _LOG),
    "CAT": Area(_("事项目录与联盟"), _("事项表格没有装入，目录保持原样。由填表的县改正所指的格子后再交。"), _LOG),
    "CERT": Area(
        _("证书、签名与加密"),
        _("证书、签名或密钥不可用，相关的报文不能收发；内容没有泄露。由县信息中心或发证机构处理。"),
        _DOCTOR,
    ),
    "CNF": Area(
        _("自测与试办"),
        _("这个事项还不能开始正式办理；已经在办的办件不受影响。由县信息中心补做自测或试办。"),
        _("在县节点运行 adapter items 看各事项到了哪一步，还缺什么；中枢用 hub county items 行政区划代码。"),
    ),
    "CODEC": Area(
        _("编码"), _("报文的字节与标准不符，没有人读到它的内容。由报送一方的程序改正，窗口不必操作。"), _COUNTY
    ),
    "CONF": Area(_("设置与登记"), _("设置文件有误，程序没有启动。由县信息中心或运维改正所指的一项。"), _LOG),
    "DOC": Area(
        _("办件文书"), _("这份文书没有生成或没有通过检查，办件停在这一步。由县信息中心与经办人一起核对。"), _COUNTY
    ),
    "ENV": Area(_("信封"), _("信封不合标准，报文没有进入办理。由报送一方的程序改正，窗口不必操作。"), _COUNTY),
    "ID": Area(
        _("代码与编号"),
        _("一个代码或编号写错了一位或几位；这条记录没有报送，改正后自动重新读取。由经办人改正。"),
        _COUNTY,
    ),
    "JOIN": Area(
        _("加入"), _("本县还没有加入，或续期没有完成；已经在办的办件不受影响。由县信息中心与运维处理。"), _LOG
    ),
    "JRNL": Area(_("存证账本"), _("存证账本的内容或次序与已签的检查点不符；收发可能因此暂停。由运维立即处理。"), _HUB),
    "LIC": Area(_("证照"), _("证照没有制成或没有通过核验，不能打印；申请人的材料不受影响。由发证机关核对。"), _COUNTY),
    "LINK": Area(
        _("连接与目录"),
        _("县节点与中枢之间的连接或目录有问题；报文留在发件箱，恢复后自动送出。由县信息中心处理。"),
        _DOCTOR,
    ),
    "MAP": Area(
        _("字段映射"),
        _("本地记录没有转换成标准记录，所以没有报送；别的记录照常报送，改正后自动重新读取，不必重新录入。"),
        _("先看所指的行和列；再用 adapter translate 看这条记录，用 adapter test 试改过的映射。"),
    ),
    "NODE": Area(
        _("县节点"), _("县节点的一部分停了或慢了，报文留在发件箱，恢复后自动送出。由县信息中心处理。"), _COUNTY
    ),
    "PAGE": Area(_("页面与命令"), _("这一次点击或命令没有执行，什么都没有改变。由操作的人照提示再做一次。"), _LOG),
    "PRINT": Area(
        _("打印"), _("这张证照没有打印，或打印结果还要人确认；在弄清之前不会再打一张。由打印站的人处理。"), _COUNTY
    ),
    "RENEW": Area(
        _("证书续期"),
        _("证书还没有换成新的；旧证书到期之前照常收发。由县信息中心与发证机构处理。"),
        _("在县节点运行 adapter renew，它说出续期到了哪一步、下一步由谁做。"),
    ),
    "SCHEMA": Area(
        _("标准版本"), _("标准的文件或版本没有通过检查，没有发布；正在使用的版本不变。由维护标准的人处理。"), _LOG
    ),
    "SRC": Area(
        _("本地系统"),
        _("本地系统的一条记录、一个文件或整个来源读不出来；读得出的照常报送。由县信息中心处理。"),
        _COUNTY,
    ),
    "STOCK": Area(
        _("空白证照"),
        _("空白证照的这一步没有登记，或者账上有一张没有交代；打印账不变，纸还在原处。由保管人或领用的人核对纸张。"),
        _("在县节点运行 adapter stock balance 看哪一张没有交代，用 adapter stock explain 编号看它的经过。"),
    ),
    "STORE": Area(
        _("数据库"), _("数据库用不了，程序停下等待，已提交的内容都在。由县信息中心或运维查磁盘与数据库。"), _LOG
    ),
    "VERIFY": Area(_("存证核验"), _("存证文件没有通过核验，不能作为凭据使用。由核验的人向出具的一方核对。"), _LOG),
}
"""By the middle part of a code; a code of an area that is not here is a KeyError."""
