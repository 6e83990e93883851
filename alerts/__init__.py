"""From a finding to a person's answer: lifecycle, escalation, deliveries."""
