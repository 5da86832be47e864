"""``python -m deploy.wheelhouse --key release.key``: what an installation without a network needs, in var/wheelhouse.

For another machine than this one's like, as pip names it (the second shows several names for one kind of machine)::

    --python 3.12 --platform win_amd64
    --python 3.12 --platform manylinux_2_28_aarch64 --platform manylinux2014_aarch64
"""

import argparse
import re
import shutil
import sys
import time
from pathlib import Path

from deploy.wheelhouse import building
from deploy.wheelhouse.building import BuildError
from deploy.wheelhouse.locked import LockError
from deploy.wheelhouse.target import Target

_NO_KEY = """\
没有签名密钥。第一次请自己生成一把，设口令，私钥不要放进仓库：
There is no key to sign with. Make one the first time, with a passphrase, and keep it out of the repository:
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -out release.key
    make wheelhouse KEY=release.key"""


def main(arguments: list[str]) -> int:
    """Build it; 0 when it is signed, 1 with a sentence when not."""
    parser = argparse.ArgumentParser(prog="python -m deploy.wheelhouse", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--key", type=Path, help="私钥 / the private key that signs")
    parser.add_argument("--out", type=Path, default=Path("var/wheelhouse"), help="放在哪里 / where it goes")
    parser.add_argument("--python", default="", help="目标的 Python，如 3.12 / the target's Python")
    parser.add_argument("--platform", action="append", default=[], help="目标平台，可多次 / the target, repeatable")
    given = parser.parse_args(arguments)
    if given.key is None or not given.key.is_file():
        print(_NO_KEY, file=sys.stderr)
        return 1
    if bool(given.python) != bool(given.platform) or (given.python and not re.fullmatch(r"3\.\d+", given.python)):
        parser.error("--python 3.N --platform …")
    target = Target(python=given.python, platforms=tuple(given.platform)) if given.platform else Target.here()
    started = time.monotonic()
    shutil.rmtree(given.out, ignore_errors=True)
    try:
        building.fill(given.out, target)
        building.sign(given.out, given.key)
        public = given.out.with_name(f"{given.key.stem}.pub")
        fingerprint = building.public_half(given.key, public)
    except (BuildError, LockError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    files = [each for each in given.out.rglob("*") if each.is_file()]
    size = sum(each.stat().st_size for each in files) >> 20
    took = time.monotonic() - started
    print(f"── {given.out}: {len(files)} 个文件 files, {size} MB, {took:.0f} s")
    print(f"── 目标 for: Python {target.python}, {target.system}")
    print(f"── 公钥 public key: {public}（另路送达 by another road）\n   SHA-256 {fingerprint}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
