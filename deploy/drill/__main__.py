"""`make drill`: the drill "this key is burnt", on a demonstration's world of its own; figures in `var/drill/`."""

import os
import sys
from pathlib import Path
from typing import Final

from rich.console import Console

from deploy.demo.stage import ROOT, NotReadyError, Stage, end_leftovers
from deploy.demo.world import build
from deploy.drill import burntkey
from schemas.errors import YunhuobanError

FOLDER: Final = Path(os.environ.get("DRILL_FOLDER", ROOT / "var" / "drill")).resolve()
console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """Exit 0 only when every step came to hold."""
    console.rule("演练：密钥泄露 / drill: this key is burnt")
    world = FOLDER / "world"
    end_leftovers(world)
    try:
        with Stage(build(world), say=lambda text: console.print(f"· {text}")) as stage:
            console.print("吴桥的机器连同三把密钥被盗。计时开始。/ Wuqiao's machine is stolen with its keys: now.")
            times = burntkey.BurntKey(stage=stage, say=lambda what, at: console.print(f"{at:7.2f} s  {what}")).run()
    except (NotReadyError, YunhuobanError) as error:
        console.print(f"[red]演练没有完成 / the drill did not come to its end:[/red] {error}")
        return 1
    burntkey.write(times, FOLDER / "latest.json")
    console.print(f"[bold]{max(times.values()):.1f} s[/bold]  {FOLDER / 'latest.json'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
