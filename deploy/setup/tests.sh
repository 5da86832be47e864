#!/usr/bin/env bash
# All tests in three processes side by side: what needs neither a broker nor a stage; the journeys with their stages, and
# what plays whole worlds in one process; everything else, with what looks at the hub as a whole. Together they take about
# ten minutes on two cores; one after the other they would not: stages and brokers wait a good part of their time. What
# is named here runs in the first two, whatever is not named in the third: no test file can fall between them. Style and
# types are looked at beside them. What promises a time is measured afterwards, when nothing else runs: beside three
# others the machine is measured, and not the hub.
set -u
python=.venv/bin/python
apart=(tests/unit/adapters tests/unit/bench tests/unit/deploy tests/unit/hub tests/unit/joining)
measured=(tests/integration/hub/test_express_road.py)
staged=(tests/journey tests/chaos tests/integration/restore tests/integration/witness)
# The first one's stores lie in memory where there is room (it fills less than one GiB): thousands of commits need not
# wait for a disk. It hides nothing that a test could see: no test cuts the power, one that kills a process reads what
# the system holds on a disk as in memory, and what the stores are set to (synchronous, fsync) is asserted, not timed.
# The others keep their brokers' and programs' files on the disk.
memory=()
room=$(df --output=avail -B1M /dev/shm 2>/dev/null | tail -n 1)
if [ "${room:-0}" -ge 2048 ] && [ -w /dev/shm ]; then
    folder=$(mktemp -d /dev/shm/yhb-test-XXXXXX)
    memory=(--basetemp "$folder/pytest" -o tmp_path_retention_policy=failed)
fi
tidy() {
    for id in "$lint_id" "$alone_id" "$staged_id"; do kill "$id" 2>/dev/null && wait "$id"; done
    if [ "${#memory[@]}" -gt 0 ]; then rm -rf "$folder"; fi
}
mkdir -p var/test
# Byte code once for all that runs below: three runs and the programs of their stages would each make it for themselves.
"$python" -m compileall -qq -j 0 schemas certs pages hub adapters deploy
"$python" -m pytest "${memory[@]}" "${apart[@]}" >var/test/without-broker.log 2>&1 &
alone_id=$!
make --no-print-directory lint >var/test/lint.log 2>&1 &
lint_id=$!
"$python" -m pytest "${staged[@]}" >var/test/journeys.log 2>&1 &
staged_id=$!
trap tidy EXIT
"$python" -m pytest tests "${apart[@]/#/--ignore=}" "${staged[@]/#/--ignore=}" "${measured[@]/#/--ignore=}"
worst=$?
for each in "$lint_id lint" "$staged_id journeys" "$alone_id without-broker"; do
    wait "${each% *}"
    ended=$?
    log="var/test/${each#* }.log"
    echo "── $log"
    if [ "$ended" -eq 0 ]; then tail -n 3 "$log"; else cat "$log"; fi
    worst=$((worst > ended ? worst : ended))
done
"$python" -m pytest "${measured[@]}"
ended=$?
exit $((worst > ended ? worst : ended))
