"""云评审: experts of many counties, drawn by a checkpoint that nobody chose, asked, heard and reported on.

The county's pool of experts is `pool`; who is drawn `drawer` says as soon as the seed is there; the approver's desk and
its pages are `desk` and `page`, the expert's county answers at `opining`; `checking` draws again what was drawn.
"""
