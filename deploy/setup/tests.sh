#!/usr/bin/env bash
# All tests in two processes side by side: what needs a broker or a stage, on one node; and everything else.
# Together they fit into ten minutes on two cores; one after the other they would not.
set -u
python=.venv/bin/python
mkdir -p var/test
"$python" -m pytest tests/unit tests/integration/local tests/integration/printing tests/integration/test_wheel.py \
    >var/test/without-broker.log 2>&1 &
apart=$!
trap 'kill "$apart" 2>/dev/null' EXIT
"$python" -m pytest tests/contract tests/integration/adapters tests/integration/hub tests/journey tests/chaos
together=$?
wait "$apart"
alone=$?
echo "── without a broker: var/test/without-broker.log"
if [ "$alone" -eq 0 ]; then tail -n 3 var/test/without-broker.log; else cat var/test/without-broker.log; fi
exit $((together > alone ? together : alone))
