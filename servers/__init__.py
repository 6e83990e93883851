"""Database and broker on this machine, for demonstrations and tests.

`servers.embedded` runs them from wheels, on any machine; `servers.real` runs Mosquitto and TimescaleDB in a private
Debian root. Both have the interface of `servers.contract`.
"""
