"""The life of blank stock (空白证照): every numbered sheet from the box to paper in a hand or to its destruction.

`states` says what may happen to a sheet, `tables` what is kept, `runs` keeps every number in exactly one state, `book`
is what people do with it, `atprint` ties it to the print ledger, `balance` and `closing` close each day.
Source: domain.md 6.1 and 6.2.
"""
