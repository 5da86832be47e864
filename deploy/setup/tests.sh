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
mkdir -p var/test
"$python" -m pytest "${apart[@]}" >var/test/without-broker.log 2>&1 &
alone_id=$!
trap 'kill "$alone_id" 2>/dev/null' EXIT
"$python" -m pytest tests "${apart[@]/#/--ignore=}"
together=$?
wait "$alone_id"
alone=$?
echo "── without a broker: var/test/without-broker.log"
if [ "$alone" -eq 0 ]; then tail -n 3 var/test/without-broker.log; else cat var/test/without-broker.log; fi
exit $((together > alone ? together : alone))
