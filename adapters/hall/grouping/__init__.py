"""Groups at this county's pages: 多地联办 of several counties and 一件事 of one, opened, sent and followed as one.

`opening` begins one from items or from a bundle of the directory; its form is a draft of `adapters.hall.taking`, typed
at the pages there (`taking.together` makes one form of all items). `pressing` makes a draft of each part and sends
those that need not wait; `sending` sends the others when their turn has come. `following` and `desk` show where a group
stands, `page` is the browser's side, `report` counts what was saved (`schemas.reductions`).
"""
