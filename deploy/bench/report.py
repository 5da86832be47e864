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
    for name, table in (
        ("throughput", _throughput),
        ("latency", _latency),
        ("steps", _steps),
        ("flooding", _flooding),
        ("flat", _flat),
        ("journal", _journal),
        ("memory", _memory),
        ("licenses", _licenses),
    ):
        if name in record:
            console.print(table(record[name]))
    console.print(_targets(record))


def _machine(found: Mapping[str, Any]) -> str:
    return (
        f"{found['cpu']} × {found['cores']}, {found['memory_mib']} MiB · Linux {found['kernel']} · "
        f"Python {found['python']} · RabbitMQ {found['rabbitmq']} · {found['file_system']} · "
        f"fsync {found['fsync_ms']} ms · load {found['load_average']:.1f}"
    )


def _table(title: str, *columns: str) -> Table:
    """A table whose first column is text and whose others are figures."""
    table = Table(title=title, title_justify="left")
    for at, name in enumerate(columns):
        table.add_column(name, justify="right" if at else "left", no_wrap=not at)
    return table


def _throughput(found: Mapping[str, Any]) -> Table:
    table = _table(
        "吞吐 throughput", "", "条/秒 msg/s", "最小…最大 min…max", "对转发 / relay", "对 / FastStream", "轮 rounds"
    )
    for size, contestants in found.items():
        for name, label in _NAMES.items():
            if name in contestants:
                rate, ratios = contestants[name]["rate"], contestants["ratios"]
                table.add_row(
                    f"{size} KiB · {label}",
                    f"{rate['median']:,.0f}",
                    f"{rate['min']:,.0f}…{rate['max']:,.0f}",
                    _spread(ratios.get(f"{name}/relay")),
                    _spread(ratios.get(f"{name}/faststream")),
                    str(rate["count"]),
                )
        table.add_section()
    return table


def _latency(found: Mapping[str, Any]) -> Table:
    capacity = found["hub_capacity"]
    table = _table(
        f"时延 latency, ms (100 % = {capacity:,.0f}/s, 中枢 1 进程 hub with 1 worker)", "", "p50", "p95", "p99", "p99 ×"
    )
    for share, part in found.items():
        if share == "hub_capacity":
            continue
        for name in ("relay", "hub_1"):
            values = [f"{part[name][each]:,.1f}" for each in ("p50_ms", "p95_ms", "p99_ms")]
            ratio = _spread(part["p99_ratio"]) if name == "hub_1" else ""
            table.add_row(f"{share} · {part['rate']:,.0f}/s · {_NAMES[name]}", *values, ratio)
    return table


def _steps(found: Mapping[str, Any]) -> Table:
    table = _table(
        f"一个进程的时间去向 where a worker's time goes ({found['cpu_ms_per_message']:.2f} ms CPU / 条 message)",
        "",
        "%",
    )
    for step, share in found["shares"].items():
        table.add_row(step, f"{share:.1%}")
    return table


def _flooding(found: Mapping[str, Any]) -> Table:
    table = _table(
        f"一县洪泛，他县的时延 a county floods: the others, ms ({found['rate']:,.0f}/s)", "", "p50", "p95", "p99"
    )
    flood = f"{found['with']['flood_messages']:,}"
    for name, label in (
        ("without", "无洪泛 without"),
        ("with", f"有洪泛 with ({flood})"),
        ("with_same_shard", "· 同一分片 on the same shard"),
        ("with_other_shards", "· 其他分片 on the others"),
    ):
        table.add_row(label, *(f"{found[name][each]:,.1f}" for each in ("p50_ms", "p95_ms", "p99_ms")))
    return table


def _flat(found: Mapping[str, Any]) -> Table:
    table = _table(f"登记 {found['enrolled']:,} 县 with {found['enrolled']:,} counties enrolled", "", "")
    rates = found["rates"]
    table.add_row("少数县登记 few enrolled, msg/s", f"{rates['two']['median']:,.0f}")
    table.add_row("全部登记，同两县往来 all enrolled, the same two send", _rated(rates["all"], found["ratio"]))
    table.add_row("全部登记，200 县往来 all enrolled, 200 send", _rated(rates["spread"], found["spread_ratio"]))
    for name, label in (
        ("enrol", "登记 enrol, s"),
        ("list", "列出 list, s"),
        ("command_list", "hub county list, s"),
        ("start", "启动消息服务 start the broker, s"),
        ("provision", "建队列与权限 queues and permissions, s"),
    ):
        table.add_row(label, f"{found['seconds'][name]:,.2f}")
    return table


def _journal(found: Mapping[str, Any]) -> Table:
    table = _table(f"账本 journal, {found['entries']:,} 条 entries", "", "")
    table.add_row("追加 append, /s", f"{found['append_per_second']:,.0f}")
    table.add_row("存在证明 inclusion proof, ms", f"{found['inclusion_proof_ms']:.2f}")
    table.add_row("一致性证明 consistency proof, ms", f"{found['consistency_proof_ms']:.2f}")
    table.add_row("通查 full check, s", f"{found['check_seconds']:,.1f}")
    table.add_row("数据库 store, MiB", f"{found['store_bytes'] / 2**20:,.0f}")
    return table


def _memory(found: Mapping[str, Any]) -> Table:
    table = _table(f"内存 a worker's memory over {found['messages']:,} 条 messages", "", "MiB")
    for name, label in (("start", "起 start"), ("middle", "中 middle"), ("end", "终 end")):
        table.add_row(label, f"{found[f'{name}_mib']:,.1f}")
    return table


def _licenses(found: Mapping[str, Any]) -> Table:
    table = _table("证照 licenses, ms", "", "制版 render", "盖章 seal", "核验 verify", "合计 whole", "件/秒 per s")
    for part in found.values():
        values = [f"{part[f'{each}_ms']:,.0f}" for each in ("render", "seal", "verify", "whole")]
        table.add_row(f"{part['processes']} 进程 process(es)", *values, f"{part['rate']:.2f}")
    return table


def _targets(record: Mapping[str, Any]) -> Table:
    table = _table("目标 targets (1 KiB)", "", "目标 target", "中位数 median")
    for name, (sign, mark) in TARGETS.items():
        value = record.get(name)
        if value is not None:
            good = value >= mark if sign == "≥" else value <= mark
            table.add_row(name, f"{sign} {mark}", f"[{'green' if good else 'red'}]{value:.2f}[/]")
    return table


def _rated(rate: Mapping[str, Any], ratio: Mapping[str, Any]) -> str:
    return f"{rate['median']:,.0f} · {_spread(ratio)}"


def _spread(found: Mapping[str, Any] | None) -> str:
    """A median with what it stands for; nothing when there is none."""
    return f"{found['median']:.2f} ({found['min']:.2f}…{found['max']:.2f})" if found else ""
