"""What HTTP asks of every answer: negotiation, problems, headers, parameters."""
