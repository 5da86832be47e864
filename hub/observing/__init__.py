"""What the keeper notes for the people on call: who is connected since when, which case is late, how each hour was.

`keeping` and `lateness` do it in turns, each in a thread of the keeper's process; `presence`, `deadlines` and `hours`
each keep one table (`tables`); `redelivering` keeps one too, from what the keeper asks of the broker anyway. In
`workers` each worker process stands as long as it is there, entered by itself (`beating`). The pages read all of it
through `hub.views`.
"""
