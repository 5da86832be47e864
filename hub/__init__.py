"""The hub: admission, journal, routing, print ledger, and the commands and pages of the people who run it.

It carries encrypted payloads and cannot read a case. The way of a message through these folders: `broker` hands it to
`intake`, where `pace` lets nobody send more than its share; it is judged by what `registry` believes of its sender,
written into the `history`, and `outflow` brings it and its receipt on. `printing` keeps the print ledger, `store` all
of it. `joining`, `renewing` and `conformance` let counties in and keep them in; `catalogue`, `evidence`, `backup`,
`views` and `web` serve the people; `alerting` tells whoever is on call,
`supervision` sees who is late. `bootstrap` puts it together, `worker` runs it,
`commands` are what is typed.
"""
