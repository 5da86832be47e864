"""What two counties say to each other around a case and beside the cases, at a page: asked, answered, sent, received.

A press goes `page` → `desk` → `adapters.case.workplace`. `kinds` names the matters and who takes which step, `turns`
says which steps may be taken now, `known` what the program fills in, `forms` makes the form of a message from the
contract, `reading` reads it back (`values`, `pasting`); `thread` is everything that was said, `listing` what waits for
whom. Beside them (`paperpages`, `counting`) `expiring` has the licenses about to end and `report` the counts of a
month. Of what was said in the clear (`events`) `pending` finds the steps that are owed around cases.
"""
