"""What a Prometheus may ask of the hub: `/metrics`, and whether it lives and is ready.

`families` says what is measured and takes it from the same facts as the alerts, `exposition` writes it down in
Prometheus' text format, `serving` answers on a loopback port of its own. No label holds anything of a person: counties,
queues, states and processes are all there are.
"""
