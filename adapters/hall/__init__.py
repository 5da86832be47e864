"""The rooms of a service hall: one folder per place where people of the hall stand, each with its page.

`taking` takes the application, `approving` decides it, `desk` prints, `handingover` gives the paper to its holder,
`stock` and `printers` keep what is printed on and with, `shifts` passes both on to the next clerk, `revealing` shows a
person's data for a purpose, `verifying` examines a license that somebody brings. `people` says who may stand where,
`hallpage` gives the pages their certificate; `handwriting` and `noticing` serve several rooms. `adapters.rooms`
composes them.
"""
