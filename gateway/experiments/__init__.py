"""Decisions and reports on experiments."""
