"""What the files of a local system hold, of any form: kinds of files, their rows, and the rows inside the rows."""
