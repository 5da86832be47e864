#!/usr/bin/env bash
# Runs as process 1 of new mount, process and IPC namespaces: whatever happens, mounts and processes end with it.
# usage: inside.sh ROOT FOLDER NAME=VALUE…   (ROOT: the bare Debian; FOLDER: the clone, as seen from there)
set -euo pipefail
root=$1 folder=$2
shift 2

mount -t proc proc "$root/proc"
mount --rbind --read-only /sys "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty; do
    touch "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"

# No name comes through from outside: a terminal's worth of environment, and the way to the registries.
bare=(env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@")

run() { # COMMAND: in the clone; its seconds; nothing may be left running
    local started=$SECONDS code=0
    printf '\n════ %s\n' "$1"
    chroot "$root" "${bare[@]}" bash -c "cd '$folder' && $1" </dev/null || code=$?
    printf '════ %s: %d s, exit %d\n' "$1" "$((SECONDS - started))" "$code"
    local left
    left=$(left_running)
    if [ -n "$left" ]; then
        printf '════ 仍在运行 left running after it:\n%s\n' "$left"
        return 1
    fi
    return "$code"
}

left_running() { # processes of this namespace other than this script and its subshells
    local process
    for process in "$root"/proc/[0-9]*; do
        case $(tr '\0' ' ' 2>/dev/null <"$process/cmdline") in
            '' | *"${BASH_SOURCE[0]}"*) ;;
            *) tr '\0' ' ' <"$process/cmdline" && echo ;;
        esac
    done 2>/dev/null
}

run 'ONCE=1 make demo'
run 'make test'
run 'python3 -m deploy.setup test # again: nothing to do'
run '! ls /etc/systemd/system/*.wants/* /etc/rc[2-5].d/S* 2>/dev/null | grep -E "rabbitmq|epmd|dbus|cups|chromium"'
