"""The approval desk: a county without a system of its own for foreign cases examines and decides them here.

A press goes `page` → `desk`, or `seconding` where two persons are needed (`proposals` keeps what waits between them);
`grounds` gathers what is known of the case, `weighing` judges by it, `rules` quotes it beside the paper, `papers` makes
the record; `adapters.case.workplace` says it.
"""
