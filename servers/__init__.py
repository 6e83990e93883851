"""Database and broker on this machine, for demonstrations and tests."""
