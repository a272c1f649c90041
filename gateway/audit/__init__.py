"""What is remembered of every request."""
