"""Troubles of the broker: killed and not coming back, hanging, out of memory, a queue deleted by hand."""

import os
import signal

from hub import bootstrap
from schemas import topology
from tests.rehearsal.crowd import Crowd
from tests.rehearsal.readiness import until_ready
from tests.rehearsal.stage import Stage
from tests.rehearsal.troubles.trouble import Trouble

_RESTORED_SECONDS = 150.0


def killed(stage: Stage) -> Trouble:
    """SIGKILL, and it cannot start again, because somebody has moved its certificate away."""
    certificate = stage.settings.certificates / "broker.pem"
    aside = certificate.with_suffix(".aside")

    def begin() -> None:
        certificate.rename(aside)
        _signal(stage, signal.SIGKILL)

    return Trouble(
        name="broker-killed",
        title="消息服务被杀死，起不来 / the broker is killed and does not start again",
        kind="broker-away",
        place="中枢",
        on_page="消息服务",
        begin=begin,
        end=lambda: aside.rename(certificate),
        alone=True,
    )


def hanging(stage: Stage) -> Trouble:
    """SIGSTOP: its process is there and its ports take connections, and nothing is answered."""
    return Trouble(
        name="broker-hanging",
        title="消息服务僵住 / the broker hangs",
        kind="broker-away",
        place="中枢",
        on_page="消息服务",
        begin=lambda: _signal(stage, signal.SIGSTOP),
        end=lambda: _signal(stage, signal.SIGCONT),
        alone=True,
    )


def memory(stage: Stage) -> Trouble:
    """Its memory mark lies below what it uses: it takes nothing from anybody."""
    node = bootstrap.node(stage.settings)
    return Trouble(
        name="broker-memory",
        title="消息服务内存报警 / the broker's memory alarm",
        kind="broker-alarm",
        place="内存",
        on_page="报警.*内存不足",
        begin=lambda: node.evaluate("vm_memory_monitor:set_vm_memory_high_watermark({absolute, 1000000})."),
        end=lambda: node.evaluate("vm_memory_monitor:set_vm_memory_high_watermark(0.4)."),
    )


def queue_deleted(stage: Stage, crowd: Crowd, code: str, other: str) -> Trouble:
    """Somebody deletes a county's inbox in the management interface."""

    def begin() -> None:
        with bootstrap.management(stage.settings) as management:
            vhost = stage.settings.broker.vhost
            management.call("DELETE", f"/api/queues/{vhost}/{topology.county_inbox(code)}")
        crowd.do(lambda: crowd.open_case(other, code))

    return Trouble(
        name="queue-deleted",
        title="一个县的队列被人删掉 / a county's queue is deleted by hand",
        kind="dead-letters",
        place=stage.names[other],
        on_page="死信等人处理",
        begin=begin,
        end=lambda: _replay_once_restored(stage, code),
    )


def _replay_once_restored(stage: Stage, code: str) -> None:
    """The keeper puts back within a minute what is missing; then what had no route is sent again."""
    with bootstrap.management(stage.settings) as management:
        vhost, name = stage.settings.broker.vhost, topology.county_inbox(code)
        until_ready(
            lambda: any(each.name == name for each in management.queues(vhost)),
            lambda: f"{name} was not put back",
            _RESTORED_SECONDS,
        )
    stage.replay_dead()


def _signal(stage: Stage, which: signal.Signals) -> None:
    pid = stage.node_pid()
    if pid is not None:
        os.kill(pid, which)
