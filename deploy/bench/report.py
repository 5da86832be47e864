"""The record as tables for a person, in Chinese and English."""

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table

TARGETS: Final = {
    "relay_ratio_1_worker": ("≥", 0.5),
    "relay_ratio_2_workers": ("≥", 0.7),
    "faststream_ratio": ("≥", 3.0),
    "counties_2843_ratio": ("≥", 0.95),
    "added_p99_ratio": ("≤", 3.0),
    "flooded_p99_ratio": ("≤", 1.1),
}
"""The project's own marks; each is a median at 1 KiB."""
_NAMES: Final = {
    "relay": "单进程转发 bare pika relay",
    "hub_1": "中枢 1 进程 hub, 1 worker",
    "hub_2": "中枢 2 进程 hub, 2 workers",
    "faststream": "同样检查 FastStream",
}


def show(record: Mapping[str, Any], console: Console) -> None:
    """Print every part that the record has."""
    if "machine" in record:
        console.print(_machine(record["machine"]), style="dim")
    if "throughput" in record:
        console.print(_throughput(record["throughput"]))
    console.print(_targets(record))


def _machine(found: Mapping[str, Any]) -> str:
    return (
        f"{found['cpu']} × {found['cores']}, {found['memory_mib']} MiB · Linux {found['kernel']} · "
        f"Python {found['python']} · RabbitMQ {found['rabbitmq']} · {found['file_system']} · "
        f"fsync {found['fsync_ms']} ms · load {found['load_average']:.1f}"
    )


def _throughput(found: Mapping[str, Any]) -> Table:
    table = Table(title="吞吐 throughput", title_justify="left")
    for name, side in (
        ("大小 size", "right"),
        ("", "left"),
        ("条/秒 msg/s", "right"),
        ("最小…最大 min…max", "right"),
        ("对转发 / relay", "right"),
        ("轮次 rounds", "right"),
    ):
        table.add_column(name, justify="right" if side == "right" else "left")
    for size, contestants in found.items():
        for name, label in _NAMES.items():
            if name not in contestants:
                continue
            rate = contestants[name]["rate"]
            against = contestants["ratios"].get(f"{name}/relay")
            table.add_row(
                f"{size} KiB",
                label,
                f"{rate['median']:,.0f}",
                f"{rate['min']:,.0f} … {rate['max']:,.0f}",
                _spread(against) if against else "",
                str(rate["count"]),
            )
        table.add_section()
    return table


def _targets(record: Mapping[str, Any]) -> Table:
    table = Table(title="目标 targets (1 KiB)", title_justify="left")
    table.add_column("")
    table.add_column("目标 target", justify="right")
    table.add_column("中位数 median", justify="right")
    for name, (sign, mark) in TARGETS.items():
        value = record.get(name)
        if value is not None:
            good = value >= mark if sign == "≥" else value <= mark
            table.add_row(name, f"{sign} {mark}", f"[{'green' if good else 'red'}]{value:.2f}[/]")
    return table


def _spread(found: Mapping[str, Any]) -> str:
    return f"{found['median']:.2f} ({found['min']:.2f}…{found['max']:.2f})"
