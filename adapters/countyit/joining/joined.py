"""Whether this county has joined: before that, a command that needs certificates says so, not which file is gone."""

from typing import Final

from adapters.settings import CountySettings
from schemas.errors import YunhuobanError, declare

NOT_JOINED: Final = declare(
    "E-JOIN-063",
    "本县还没有加入，或者加入还没有办完。",
    "请先运行 adapter join；不带参数的 adapter join 说明办到哪一步，显示“已加入，正常”后再试。",
)


def require(settings: CountySettings) -> None:
    """Raise E-JOIN-063 while neither the hub's root nor a certificate of ours is here: joining brings both.

    Where one of them is, a file was lost or is still to be copied, and whoever reads it names it.
    """
    folder = settings.certificates
    if not any((folder / name).exists() for name in ("anchors.pem", "signing.pem")):
        raise YunhuobanError(NOT_JOINED, place="certs", found="-", expected="anchors.pem, signing.pem")
