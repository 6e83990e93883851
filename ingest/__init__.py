"""From the broker to the database: receive, decode, observe, commit, ack."""
