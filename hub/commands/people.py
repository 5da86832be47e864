"""`hub user …`: the accounts of operators, security and auditors; the first one is made here."""

from hub.commands.shared import HERE
from hub.people.opening import opened
from pages.people.terminal import PeopleCommands

app = PeopleCommands(opened, here=HERE, variable="YHB_HUB_FOLDER", of_units=False).user()
