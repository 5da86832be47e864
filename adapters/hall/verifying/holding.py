"""What a verifier holds: the anchors of license seals and their revocation lists, from the county or from a folder."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.directory.directories import AskDirectory
from adapters.hall.verifying.checking import AskKnown
from adapters.hall.verifying.knowledge import Known, known_of
from adapters.identity import Identity
from adapters.licenses.examining.examine import Verifier
from adapters.store import Store
from certs import crl, keys, policy
from schemas.errors import YunhuobanError, declare

NO_ANCHORS: Final = declare(
    "E-PAGE-132",
    "没有印章的信任根证书，核验不了。",
    "请用 --anchors 指定放有信任根证书（.pem）的文件夹，或在已加入的县节点文件夹里运行。",
)


def of_county(
    store: Store, identity: Identity, directory: AskDirectory, *, trial: bool, now: datetime
) -> tuple[Verifier, AskKnown]:
    """The county's own anchors, the lists of its newest directory, and its store to ask."""
    with store.read() as tx:
        newest = directory(tx)

    def ask(identifier: str) -> Known | None:
        with store.read() as tx:
            return known_of(tx, identity, identifier, trial=trial)

    anchors = [keys.der(each) for each in identity.seal_anchors]
    lists = list(newest.seal_crls) if newest else []
    return Verifier(anchors=anchors, crls=lists, trial=trial, now=now), ask


def of_folder(folder: Path, *, trial: bool | None, now: datetime) -> Verifier:
    """The roots (`*.pem`) and lists (`*.crl`) that lie in a folder; whether it is a trial, the roots say themselves.

    In a county's own folder of certificates only `seal-anchors.pem` counts: the transport's root seals no license.
    Raises NO_ANCHORS, E-CERT-… for a file that cannot be used.
    """
    named = folder / "seal-anchors.pem"
    files = [named] if named.exists() else sorted(folder.glob("*.pem"))
    anchors = [each for file in files for each in keys.load_certificates(file)]
    roots = [each for each in anchors if each.issuer == each.subject]
    if not roots:
        raise YunhuobanError(NO_ANCHORS, place=folder.name)
    lists = [crl.load(file) for file in sorted(folder.glob("*.crl"))]
    ours = [keys.crl_der(each) for each in lists if any(crl.is_signed_by(each, issuer) for issuer in anchors)]
    is_trial = policy.is_trial(roots[0]) if trial is None else trial
    return Verifier(anchors=[keys.der(each) for each in roots], crls=ours, trial=is_trial, now=now)


def instead(verifier: Verifier, others: Verifier) -> Verifier:
    """The same verifier with another's anchors, and its lists beside its own."""
    return replace(verifier, anchors=others.anchors, crls=[*verifier.crls, *others.crls])
