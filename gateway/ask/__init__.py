"""From a question in plain words to tool calls, and from their results to a text."""
