"""Taking the answer in. What is checked, in this order, before anything is written.

1 the file is of its one form; 2 it answers the very request that waits; 3 each certificate is for our key, in its role,
in our name, and leads to our own root. Who brought the file does not matter: nobody else could have made these.
"""

from datetime import datetime
from typing import Final

from adapters.countyit.renewing import nextkeys
from adapters.countyit.renewing.request import REQUEST
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.settings import CountySettings
from certs import files, keys
from certs.chain import REVOCATION_UNKNOWN, TrustStore
from certs.renewal import role
from schemas.errors import YunhuobanError, declare
from schemas.renewing.files import ROLES, RenewalAnswer, SignedRequest

NOTHING_ASKED: Final = declare("E-RENEW-020", "没有等待答复的续期申请。", "请先用 adapter renew 生成申请。")
OTHER_REQUEST: Final = declare(
    "E-RENEW-021", "答复不是给本机这一份续期申请的。", "请向发证机构索取对 renewal/request.json 的答复。"
)
NOT_OURS: Final = declare(
    "E-RENEW-022", "答复里的证书不是发给本县这三把新密钥的。", "请把这一情况告诉发证机构，由其重新答复。"
)


def take(
    settings: CountySettings, identity: Identity, data: bytes, *, directory: DirectoryView | None, now: datetime
) -> None:
    """Check an answer and keep its certificates for the change-over. Raises E-RENEW-001, -020 to -022, or E-CERT-…."""
    answer = RenewalAnswer.read(data)  # 1
    own = nextkeys.waiting(settings.certificates)
    kept = settings.certificates / nextkeys.NEXT / REQUEST
    if not own or not kept.exists():
        raise YunhuobanError(NOTHING_ASKED)
    wanted = SignedRequest.read(files.read(kept)).sha256
    if (answer.request_sha256, answer.division_code) != (wanted, settings.division_code):  # 2
        raise YunhuobanError(OTHER_REQUEST, found=answer.request_sha256.hex()[:16], expected=wanted.hex()[:16])
    chains: dict[str, list[keys.Certificate]] = {}
    for name in ROLES:  # 3
        chain = [keys.certificate_from_der(der) for der in answer.chains[name]]
        if not chain or keys.public_key(chain[0]) != own[name].public_key():
            raise YunhuobanError(NOT_OURS, place=name)
        if keys.subject(chain[0]) != settings.division_code:
            raise YunhuobanError(NOT_OURS, place=name, found=keys.subject(chain[0])[:20])
        trust = directory.chains if directory is not None else TrustStore(identity.anchors, trial=settings.trial)
        reason = trust.facts(chain, at=now).reason_for(role(name))
        if reason not in {None, REVOCATION_UNKNOWN}:  # the lists come with the directory, and this may be before it
            raise YunhuobanError(reason or NOT_OURS, place=name)
        chains[name] = chain
    nextkeys.install(settings.certificates, chains)
