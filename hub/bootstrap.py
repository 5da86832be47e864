"""The hub's composition root: reads the folder, opens store and links, and wires everything together.

Nothing else in the hub opens a connection. The data folder holds `hub.toml`, the store, the private node's data under
`broker/`, and under `certs/`: `anchors.pem` (transport root), `issuing.pem`, `broker`, `connection`, `checkpoint` and
`signing` (each `.key` and `.pem`; what follows them and what they followed: `hub.renewing`), `seal-certificates.pem`,
and the revocation lists under `crl/` and `seal-crl/`.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from certs import contexts, files, keys
from certs.chain import TrustStore
from certs.keys import Certificate
from hub.broker import BrokerLink
from hub.broker.management import ANSWER_SECONDS, Management
from hub.broker.messages import LinkParameters
from hub.broker.node import BrokerNode
from hub.broker.node_files import MANAGEMENT_USER, BrokerNodeSettings
from hub.history.journal import LogKey
from hub.history.publishing import JournalPublisher
from hub.instants import now
from hub.intake.pipeline import Pipeline
from hub.outflow.delivery import Delivery
from hub.outflow.sweep import Sweep
from hub.pace import slowlane
from hub.pace.quotas import Quota, Quotas
from hub.pace.slowlane import SlowLane, SlowLink
from hub.pace.sluice import Sluice, SluicedLink
from hub.parts.passing import Pump
from hub.printing.grants import GrantSigner
from hub.registry import trust
from hub.registry.directory import DirectoryIssuer
from hub.registry.directorypost import DirectoryPost
from hub.registry.revocation import RevocationFolder
from hub.registry.trust import Trust
from hub.renewing import own
from hub.settings import HubSettings
from hub.store import Store, open_store
from schemas.errors import YunhuobanError, declare

NO_PASSWORD: Final = declare(
    "E-CONF-003", "没有外部消息服务的管理密码文件。", "请在 hub.toml 的 broker.management_password_file 中写明。"
)
HUB_USER: Final = "hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The hub's own certificates and keys, read from its folder."""

    anchors: Sequence[Certificate]
    issuing: Sequence[Certificate]
    checkpoint: LogKey
    grants: GrantSigner
    directory: DirectoryIssuer


def load_keys(settings: HubSettings) -> Keys:
    """Read every key and certificate. Raises E-CERT-… naming the file."""
    folder = settings.certificates
    anchors, issuing = keys.load_certificates(folder / "anchors.pem"), keys.load_certificates(folder / "issuing.pem")
    checkpoint = keys.load_certificates(folder / "checkpoint.pem")[0]
    signer = keys.load_certificates(folder / "signing.pem")[0]
    signing_key = keys.load_private_key(folder / "signing.key")
    seals = folder / "seal-certificates.pem"
    return Keys(
        anchors=anchors,
        issuing=issuing,
        checkpoint=LogKey(keys.load_private_key(folder / "checkpoint.key"), checkpoint, settings.origin),
        grants=GrantSigner(signing_key, signer),
        directory=DirectoryIssuer(
            key=signing_key,
            certificate=signer,
            transport_certificates=issuing,
            hub_certificates=[checkpoint, signer, *own.retired(folder, now())],
            seal_certificates=keys.load_certificates(seals) if seals.exists() else [],
            seal_crls=[files.read(path) for path in sorted((folder / "seal-crl").glob("*.crl"))],
        ),
    )


class Hub:
    """An opened hub folder: store and keys. Links are made on demand and closed by whoever asked for them."""

    def __init__(self, settings: HubSettings, *, goes_first: bool = False) -> None:
        """Open the store, migrating it, and read the keys; `goes_first` is the express worker's right to write."""
        self.settings = settings
        self.keys = load_keys(settings)
        self.store: Store = open_store(settings.database, goes_first=goes_first)

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def link(self) -> BrokerLink:
        """A link that is not connected yet, for one thread's use."""
        return BrokerLink(link_parameters(self.settings))

    def admission_link(self) -> BrokerLink:
        """An admission worker's link: what a county sends beyond its quota or while stopped goes to its slow queue."""
        return SluicedLink(
            link_parameters(self.settings),
            lambda link: Sluice(
                broker=link,
                store=self.store,
                quotas=Quotas(self.quota, time.monotonic) if self.settings.quota.enabled else None,
                clock=now,
                confirm_seconds=self.settings.worker.confirm_seconds,
            ),
        )

    def slow_link(self) -> SlowLink:
        """The slow lane's link."""
        return SlowLink(link_parameters(self.settings))

    def slow_lane(self, link: SlowLink) -> SlowLane:
        """Admission from the slow queues over this link."""
        pipeline = self.pipeline(link, batch_messages=slowlane.batch_messages(self.quota))
        return SlowLane(link=link, store=self.store, pipeline=pipeline, quota=self.quota, clock=now)

    @property
    def quota(self) -> Quota:
        """What one county may send to one worker."""
        return Quota(**self.settings.quota.model_dump(exclude={"enabled"}))

    def delivery(self, link: BrokerLink) -> Delivery:
        """Publishing over this link."""
        return Delivery(link, self.store, confirm_seconds=self.settings.worker.confirm_seconds)

    def pump(self, link: BrokerLink) -> Pump:
        """What passes parts of attachments on, over this link."""
        seconds = self.settings.worker.confirm_seconds
        return Pump(link=link, store=self.store, monotonic=time.monotonic, confirm_seconds=seconds)

    def pipeline(self, link: BrokerLink, *, batch_messages: int | None = None) -> Pipeline:
        """One admission worker over this link, with batches of the usual size unless told otherwise."""
        return Pipeline(
            link=link,
            store=self.store,
            delivery=self.delivery(link),
            log_key=self.keys.checkpoint,
            grants=self.keys.grants,
            load_trust=self.load_trust,
            clock=now,
            batch_messages=batch_messages or self.settings.worker.batch_messages,
        )

    def sweep(self, link: BrokerLink) -> Sweep:
        """The repetition of undone effects over this link."""
        return Sweep(
            store=self.store,
            delivery=self.delivery(link),
            clock=now,
            after_seconds=self.settings.worker.sweep_seconds * 2,
        )

    def publisher(self) -> JournalPublisher:
        """What shows the counties how the journal grows."""
        seconds = self.settings.worker.publish_seconds
        return JournalPublisher(store=self.store, signer=self.keys.grants, clock=now, every_seconds=seconds)

    def directory_post(self, link: BrokerLink, requests: BrokerLink) -> DirectoryPost:
        """The directory's way to the counties; `requests` is subscribed to what they ask."""
        return DirectoryPost(
            store=self.store,
            delivery=self.delivery(link),
            requests=requests,
            issuer=self.keys.directory,
            monotonic=time.monotonic,
        )

    def revocation_folder(self) -> RevocationFolder:
        """The watch over new revocation lists."""
        return RevocationFolder(
            self.settings.certificates / "crl",
            store=self.store,
            authorities=[*self.keys.anchors, *self.keys.issuing],
            broker_folder=node_settings(self.settings).crl_folder,
        )

    def load_trust(self, tx: Connection, last: Trust | None) -> Trust:
        """The trust snapshot; what changed is read again when its counter has moved."""
        if last is not None and last.serial == trust.counter(tx):
            return last
        return trust.load(
            tx, anchors=self.keys.anchors, intermediates=self.keys.issuing, trial=self.settings.trial, last=last
        )

    def chains(self) -> TrustStore:
        """Chains judged by the lists in the folder, for enrolling a county."""
        return chains(self.settings)


def chains(settings: HubSettings) -> TrustStore:
    """The same without the hub's keys. Raises E-CERT-001 naming a missing file."""
    folder = settings.certificates
    lists = [keys.crl_from_der(files.read(path)) for path in sorted((folder / "crl").glob("*.crl"))]
    anchors, issuing = (keys.load_certificates(folder / name) for name in ("anchors.pem", "issuing.pem"))
    return TrustStore(anchors, issuing, lists, trial=settings.trial)


def link_parameters(settings: HubSettings) -> LinkParameters:
    """Where and as whom the hub connects to its broker."""
    folder = settings.certificates
    return LinkParameters(
        host=settings.broker.host,
        port=settings.broker.amqps_port,
        vhost=settings.broker.vhost,
        context=contexts.client_context(folder / "anchors.pem", folder / "connection.pem", folder / "connection.key"),
        server_hostname=settings.broker.host,
    )


def node_settings(settings: HubSettings) -> BrokerNodeSettings:
    """The private node's settings in this folder."""
    folder, certificates = settings.folder / "broker", settings.certificates
    return BrokerNodeSettings(
        data_folder=folder,
        amqps_port=settings.broker.amqps_port,
        management_port=settings.broker.management_port,
        distribution_port=settings.broker.distribution_port,
        epmd_port=settings.broker.epmd_port,
        ca_bundle=certificates / "broker-ca.pem",
        certificate_chain=certificates / "broker.pem",
        private_key=certificates / "broker.key",
        crl_folder=settings.folder / "broker-crls",
        metrics_port=settings.metrics.broker_port,
    )


def node(settings: HubSettings) -> BrokerNode:
    """The private node, started or not."""
    return BrokerNode(node_settings(settings))


def management(settings: HubSettings, *, answer_seconds: float = ANSWER_SECONDS) -> Management:
    """The management client of the private node, or of the external broker that the settings name.

    Raises E-CONF-003 or E-CERT-001 for an external broker without its password file.
    """
    broker = settings.broker
    if broker.private:
        own = node(settings)
        return Management(own.management_url, MANAGEMENT_USER, own.management_password(), answer_seconds=answer_seconds)
    if broker.management_password_file is None:
        raise YunhuobanError(NO_PASSWORD, place="broker.management_password_file")
    return Management(
        f"http://{broker.host}:{broker.management_port}",
        broker.management_user,
        files.read(broker.management_password_file).decode(errors="replace").strip(),
        answer_seconds=answer_seconds,
    )
