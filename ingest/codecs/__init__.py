"""From a payload to columns: one file a format."""
