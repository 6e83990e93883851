"""The demonstration: a small town on an accelerated clock, with people who answer, and a score at its end."""
