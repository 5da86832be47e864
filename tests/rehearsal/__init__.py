"""A running hub with 177 busy counties, real troubles, and how long until the page and an alert say so.

`stage` starts the hub as `hub up` does, with a broker of its own; `crowd` is the counties, each with its own
certificate and connection (`node`), writing real cases (`wires`). `reader` is an open overview page, `duty` is whoever
is on call. `troubles` are the troubles, `run` inflicts them one after another and waits for the words, `screens` looks
at the pages.
"""
