"""Builds, checks and publishes the marts; seeds the demo world and imports real experiments."""
