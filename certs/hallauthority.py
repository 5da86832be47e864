"""A county's own authority for the pages of its hall, made on the county's node and never leaving it.

    authority.key   signs page certificates; nobody else has it
    authority.pem   its certificate, then the root that the hall's browsers trust
    page.pem        the page's key and chain in one file, so that they are always replaced together

The root's key signs one certificate and is forgotten before anything is written: there is nothing to steal that a
browser trusts beyond the limits (`certs.hallscope`), not even a browser that overlooks the limits of a root (RFC 5280
§6.1 lets it). To widen them is therefore to make a new authority and to put its root into the browsers again.
"""

from datetime import datetime
from pathlib import Path
from typing import Final, Self

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from certs import building, files, keys, policy
from certs.hallscope import HostNames, Scope
from certs.keys import Certificate
from certs.profiles import PROFILES, Role
from schemas.errors import YunhuobanError, declare

AUTHORITY_EXISTS: Final = declare(
    "E-CERT-112",
    "本县已经有一个大厅页面机构。",
    "范围以内改名称，用 adapter page-certificate issue；要改范围，请把 certs/hall 文件夹移走后重新建立，"
    "并把新的根证书装进大厅的浏览器。",
)
AUTHORITY_MISSING: Final = declare(
    "E-CERT-113",
    "本县还没有大厅页面机构，或者它的文件不完好。",
    "请先运行 adapter page-certificate new；文件损坏的，请从备份恢复 certs/hall 文件夹，或把它移走后重新建立。",
)
NAME_OUTSIDE: Final = declare(
    "E-CERT-114",
    "“{found}”不在本县大厅页面机构的范围内，不能签发。",
    "请改正 county.toml 中 [hall_page] 的 names；确实要用这个名称的，须按更大的范围重新建立机构。",
)
PAGE: Final = "page.pem"


class HallAuthority:
    """Issues the certificate of the hall's pages. The folder's lock keeps a command and the running node apart."""

    def __init__(self, folder: Path, issuing: Certificate, root: Certificate) -> None:
        """Use `create` or `open`."""
        self.folder = folder
        self.issuing = issuing
        self.root = root
        self.scope = Scope.of(issuing)

    @classmethod
    def create(cls, folder: Path, county: str, scope: Scope, *, now: datetime) -> Self:
        """Make it. Raises E-CERT-112 when there is one, E-CERT-002."""
        files.make_private_folder(folder)
        with files.locked(folder):
            if (folder / "authority.pem").exists():
                raise YunhuobanError(AUTHORITY_EXISTS, place=folder.name)
            limits, name = scope.constraints(), f"Yunhuoban {county} hall pages {now:%Y%m%d}"
            root_key, key = (keys.generate_key(PROFILES[role].key_kind) for role in (Role.HALL_ROOT, Role.HALL_ISSUING))
            root = building.sign(
                PROFILES[Role.HALL_ROOT], f"{name} root", root_key.public_key(), None, root_key,
                now=now, trial=False, constraints=limits,
            )  # fmt: skip
            issuing = building.sign(
                PROFILES[Role.HALL_ISSUING], f"{name} issuing", key.public_key(), root, root_key,
                now=now, trial=False, constraints=limits,
            )  # fmt: skip
            keys.save_private_key(key, folder / "authority.key")
            keys.save_certificates([issuing, root], folder / "authority.pem")  # the last: with it there is an authority
        return cls(folder, issuing, root)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open what `create` made; the key is read when it is needed. Raises E-CERT-113."""
        try:
            issuing, root = keys.load_certificates(folder / "authority.pem")
            issuing.verify_directly_issued_by(root)
            if policy.matches(issuing, PROFILES[Role.HALL_ISSUING]):
                return cls(folder, issuing, root)
        except (*policy.SIGNATURE_FAILURES, YunhuobanError) as error:
            raise YunhuobanError(AUTHORITY_MISSING, place=folder.name) from error
        raise YunhuobanError(AUTHORITY_MISSING, place=folder.name)

    def issue(self, county: str, names: HostNames, *, now: datetime) -> Certificate:
        """A new key and certificate for the page, in place of the one before. Raises E-CERT-114, -001, -002 or -005."""
        beyond = self.scope.outside(names)
        if beyond:
            raise YunhuobanError(NAME_OUTSIDE, place="names", found=beyond[0], expected=", ".join(self.scope))
        profile = PROFILES[Role.HALL_PAGE]
        with files.locked(self.folder):
            key = keys.generate_key(profile.key_kind)
            certificate = building.sign(
                profile, county, key.public_key(), self.issuing, keys.load_private_key(self.folder / "authority.key"),
                now=now, trial=False, alternatives=building.names(names.dns, [str(each) for each in names.addresses]),
            )  # fmt: skip
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            chain = "".join(map(keys.pem, (certificate, self.issuing)))
            files.write_atomically(self.folder / PAGE, pem + chain.encode(), mode=files.PRIVATE)
        return certificate
