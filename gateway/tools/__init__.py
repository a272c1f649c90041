"""The tools that a person, a planner and an agent call: one registry."""
