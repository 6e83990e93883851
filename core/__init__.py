"""What everything else is built on: readings, metrics, findings, topics, clock, settings. Imports nothing of ours."""
