"""What county IT does with a node: bring it in, keep it well, and find out what is wrong.

In the order of an afternoon: `describing` and `suggesting` write the mapping, `translating` shows it, `conformance`
tries it, `joining` makes the keys and joins; later `service` and `firewall` keep it running, `renewing` its
certificates, `status` and `doctor` tell how it is, `recording` keeps what the local system said so that it can be
tried again.
"""
