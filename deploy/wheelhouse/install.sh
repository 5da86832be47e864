#!/bin/sh
# 离线安装 / install without a network:  sh install.sh PUBLIC_KEY TARGET
#   sh install.sh /media/other/release.pub /opt/yunhuoban-0.1.0
# 公钥要从另一条路得到，并用电话核对指纹 / the public key has to come by another road, its fingerprint compared by telephone:
#   openssl pkey -pubin -in release.pub -outform DER | sha256sum
# 先验签名，再验每个文件，都对才安装；有一个字节不对就什么也不做。
# First the signature, then every file, and only then anything is installed; with one byte wrong nothing is done.
set -eu

stop() {
    printf '%s\n%s\n' "✗ $1" "✗ $2" >&2
    exit 1
}

[ "$#" -eq 2 ] || stop "用法：sh install.sh 公钥 安装目录" "usage: sh install.sh PUBLIC_KEY TARGET"
case $1 in /*) key=$1 ;; *) key=$PWD/$1 ;; esac
case $2 in /*) target=$2 ;; *) target=$PWD/$2 ;; esac
here=$(cd "$(dirname "$0")" && pwd -P)
cd "$here"

for program in openssl sha256sum find sort cmp python3; do
    command -v "$program" >/dev/null 2>&1 || stop "缺少命令 $program，请从系统安装盘安装。" \
        "The command $program is missing; install it from the system's own medium."
done
[ -f "$key" ] || stop "找不到公钥 $key。" "There is no public key $key."

# 1 签名 signature
openssl dgst -sha256 -verify "$key" -signature SHA256SUMS.sig SHA256SUMS >/dev/null 2>&1 ||
    stop "签名不对：SHA256SUMS 不是用这把密钥签的，或被改过。没有安装。" \
        "The signature does not hold: SHA256SUMS was not signed with this key, or was changed. Nothing was installed."

# 2 每个文件 every file
wrong=$(sha256sum --check --strict --quiet SHA256SUMS 2>/dev/null | head -n 3) || true
sha256sum --check --strict --status SHA256SUMS 2>/dev/null ||
    stop "文件与签过的散列不符，没有安装：$wrong" "Files are not what was signed, nothing was installed: $wrong"

# 3 没有多余的 nothing beside them
listed=$(cut -c67- SHA256SUMS | LC_ALL=C sort)
found=$(find . ! -type d ! -path ./SHA256SUMS ! -path ./SHA256SUMS.sig | cut -c3- | LC_ALL=C sort)
[ "$listed" = "$found" ] ||
    stop "目录里有没签过的文件，没有安装。" "There are files here that were not signed for. Nothing was installed."

# 4 机器 machine
said() { sed -n "s/^$1=//p" PLATFORM; }
python=$(said python)
system=$(said platform)
glibc=$(said glibc)
command -v "python$python" >/dev/null 2>&1 && interpreter=python$python || interpreter=python3
"$interpreter" - "$python" "$system" "$glibc" <<'PYTHON' || exit 1
import os, sys, sysconfig
python, system, glibc = sys.argv[1:]
here = "{}.{}".format(*sys.version_info)
library = os.confstr("CS_GNU_LIBC_VERSION").split()[-1] if glibc and "CS_GNU_LIBC_VERSION" in os.confstr_names else ""
fits = here == python and sysconfig.get_platform() == system
if fits and glibc:
    fits = bool(library) and tuple(map(int, library.split("."))) >= tuple(map(int, glibc.split(".")))
if not fits:
    found = "Python {}, {}, glibc {}".format(here, sysconfig.get_platform(), library or "-")
    wanted = "Python {}, {}, glibc {}".format(python, system, glibc or "-")
    sys.stderr.write("✗ 本机是 {}，这一份要求 {}。没有安装。\n".format(found, wanted))
    sys.stderr.write("✗ This machine has {}, this wheelhouse is for {}. Nothing was installed.\n".format(found, wanted))
    sys.exit(1)
PYTHON

# 5 安装 install
[ ! -e "$target" ] || stop "$target 已经存在；新版本请装到新目录，再改符号链接。" \
    "$target exists already; install a new version beside it, then change the symbolic link."
undo() {
    rm -rf "$target"
    stop "安装没有完成，已删除 $target。" "The installation did not end; $target was removed."
}
trap undo EXIT INT TERM HUP
mkdir -p "$(dirname "$target")"
mkdir "$target"
"$interpreter" -m venv --without-pip "$target/.venv"
# pip 自己也在签过的文件里 / pip itself is one of the signed files; no index, no setting of this machine, no cache.
set -- wheels/pip-*.whl
PIP_CONFIG_FILE=/dev/null "$target/.venv/bin/python" "$1/pip" --isolated --quiet --no-cache-dir \
    --disable-pip-version-check install --no-index --find-links wheels --no-deps --require-hashes \
    --requirement requirements.txt
"$target/.venv/bin/adapter" --help >/dev/null
trap - EXIT INT TERM HUP
printf '%s\n' "✓ 已安装 installed: $target/.venv/bin/adapter, hub, certs"
