"""The hall's printers: found, registered with their trays, calibrated, and chosen for each sheet."""
