"""Handing over what was printed: the holder signs on the screen, or a parcel goes out; and a receipt for the holder."""
