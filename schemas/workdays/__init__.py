"""Working days: the published calendar, what is imported over it, hall hours, and the time limits counted by them.

Administrative Licensing Law (行政许可法) art. 82: limits in days are working days, statutory holidays not counted. All
dates and hours are Beijing's, UTC+8 without summer time; all instants that go in and come out are UTC.
"""
