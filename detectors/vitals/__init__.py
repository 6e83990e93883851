"""Vital signs: NEWS2, critical values, the care plan's limits, what is unusual for the person, trends over days.

`detector` puts it together; `rules` has what is worth a look and for how long, `news2` the score, `baseline` what is
usual, `days` and `trends` what changes from day to day, `wear` what explains a strange value, `moments` what is judged
together, `episodes` how a finding begins, goes on and ends.
"""

from detectors.vitals.detector import Vitals

__all__ = ["Vitals"]
