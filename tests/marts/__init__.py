"""Tests of the marts: sources, models, results, publishing."""
