"""Tells what somebody's file is: a genuine license, or in which of the known ways it is none."""
