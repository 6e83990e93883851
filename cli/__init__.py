"""The command line: `kanhu`."""
