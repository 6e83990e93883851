"""Recognising what has happened: pure, stateful per resident, no I/O."""
