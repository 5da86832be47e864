"""`/agents`: cases that agents bring (帮办代办), and the county's own towns and villages in which they begin."""
