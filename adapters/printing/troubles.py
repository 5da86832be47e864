"""What can go wrong between station and printer, told apart by the one thing that matters: whether paper may be out."""

from typing import Final

from pyipp.enums import IppStatus

from schemas import errors
from schemas.errors import YunhuobanError

UNREACHABLE: Final = errors.declare(
    "E-PRINT-121", "连接不上打印机，文件没有送出。", "请检查打印机的电源和网线，然后再打印。"
)
BUSY: Final = errors.declare("E-PRINT-122", "打印机正在打印别的文件，这份没有送出。", "请等前一份打印完，再打印这份。")
MEDIA_NOT_SUPPORTED: Final = errors.declare(
    "E-PRINT-123", "打印机不支持这种纸张，文件没有打印。", "请换用支持该纸张的打印机，或请县信息中心核对打印机设置。"
)
REFUSED: Final = errors.declare(
    "E-PRINT-124",
    "打印机拒绝了这份文件（{status}），没有打印。",
    "请把括号中的状态告诉县信息中心，由其核对打印机设置。",
)
OUTCOME_UNKNOWN: Final = errors.declare(
    "E-PRINT-125", "文件已经开始送往打印机，但不知道纸是否打印出来。", "请到打印机前查看，由人确认；系统不会自动重打。"
)
JOB_GONE: Final = errors.declare(
    "E-PRINT-126", "打印机上查不到这份打印作业。", "请到打印机前查看纸是否打印出来，由人确认。"
)
ANSWER_UNREADABLE: Final = errors.declare(
    "E-PRINT-127", "打印机的应答无法识别。", "请县信息中心核对打印机地址，以及打印机是否支持 IPP。"
)
NO_PRINTER: Final = errors.declare(
    "E-PRINT-128",
    "没有设置打印机，或者地址不是 IPP 地址。",
    "请县信息中心用 adapter printer add 登记打印机，或在 county.toml 的 [station] 一节写 printer_url 后重启县节点。",
)

CERTIFICATE_CHANGED: Final = errors.declare(
    "E-PRINT-150",
    "打印机的证书与登记时看到的不同，没有连接，文件没有送出。",
    "请到打印机前核对是否换过设备；确认后由县信息中心用 adapter printer remove 删除，再用 adapter printer add 登记。",
)

# RFC 8011 section 4.2.1.2: with these the printer rejected the Print-Job request, so it made no job. Every other
# status (internal error, device error, job canceled, document format error found while printing …) may follow paper.
NO_JOB_MADE: Final = frozenset(
    {
        IppStatus.ERROR_BAD_REQUEST,
        IppStatus.ERROR_FORBIDDEN,
        IppStatus.ERROR_NOT_AUTHENTICATED,
        IppStatus.ERROR_NOT_AUTHORIZED,
        IppStatus.ERROR_NOT_POSSIBLE,
        IppStatus.ERROR_NOT_FOUND,
        IppStatus.ERROR_GONE,
        IppStatus.ERROR_REQUEST_ENTITY,
        IppStatus.ERROR_REQUEST_VALUE,
        IppStatus.ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED,
        IppStatus.ERROR_ATTRIBUTES_OR_VALUES,
        IppStatus.ERROR_URI_SCHEME,
        IppStatus.ERROR_CHARSET,
        IppStatus.ERROR_CONFLICTING,
        IppStatus.ERROR_OPERATION_NOT_SUPPORTED,
        IppStatus.ERROR_VERSION_NOT_SUPPORTED,
        IppStatus.ERROR_NOT_ACCEPTING_JOBS,
        IppStatus.ERROR_BUSY,
        IppStatus.ERROR_PRINTER_IS_DEACTIVATED,
        IppStatus.ERROR_TOO_MANY_JOBS,
    }
)


class PrinterRefusedError(YunhuobanError):
    """The printer certainly printed nothing of this request; the same document may be sent again."""


class OutcomeUnknownError(YunhuobanError):
    """The request reached the printer and its end is not known; paper may be out. Never send again because of it."""


class PrinterUnreachableError(YunhuobanError):
    """A question to the printer got no usable answer; questions print nothing and may be repeated."""
