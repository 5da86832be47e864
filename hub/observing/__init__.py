"""What the keeper notes for the people on call: who is connected since when, which case is late, how each hour was.

`keeping` and `lateness` do it in turns, each in a thread of the keeper's process; `presence`, `deadlines` and `hours`
each keep one table (`tables`); `redelivering` keeps one too, from what the keeper asks of the broker anyway. The pages
read them through `hub.views`.
"""
