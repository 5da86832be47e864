#!/usr/bin/env bash
# All tests in two processes side by side: what needs neither a broker nor a stage, and everything else.
# Together they fit into ten minutes on two cores; one after the other they would not. What is named here runs in the
# first, whatever is not named in the second: no test file can fall between them.
set -u
python=.venv/bin/python
apart=(
    tests/unit
    tests/integration/local tests/integration/test_wheel.py
    tests/integration/restore tests/integration/witness
    tests/chaos/test_checker.py tests/chaos/test_plan.py tests/chaos/test_proxy.py
    tests/chaos/test_sabotage.py tests/chaos/test_small_world.py
)
# The first one's stores lie in memory where there is room (it fills less than one GiB): thousands of commits need not
# wait for a disk. It hides nothing that a test could see: no test cuts the power, one that kills a process reads what
# the system holds on a disk as in memory, and what the stores are set to (synchronous, fsync) is asserted, not timed.
# The second keeps its brokers' and programs' files on the disk.
memory=()
room=$(df --output=avail -B1M /dev/shm 2>/dev/null | tail -n 1)
if [ "${room:-0}" -ge 2048 ] && [ -w /dev/shm ]; then
    folder=$(mktemp -d /dev/shm/yhb-test-XXXXXX)
    memory=(--basetemp "$folder/pytest" -o tmp_path_retention_policy=failed)
fi
tidy() {
    kill "$alone_id" 2>/dev/null && wait "$alone_id"
    if [ "${#memory[@]}" -gt 0 ]; then rm -rf "$folder"; fi
}
mkdir -p var/test
"$python" -m pytest "${memory[@]}" "${apart[@]}" >var/test/without-broker.log 2>&1 &
alone_id=$!
trap tidy EXIT
"$python" -m pytest tests "${apart[@]/#/--ignore=}"
together=$?
wait "$alone_id"
alone=$?
echo "── without a broker: var/test/without-broker.log"
if [ "$alone" -eq 0 ]; then tail -n 3 var/test/without-broker.log; else cat var/test/without-broker.log; fi
exit $((together > alone ? together : alone))
