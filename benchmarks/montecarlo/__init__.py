"""Seeded simulations of `gateway.stats` and of the marts' verdicts; `simulation.py` runs them and writes the tables.

Every part returns `Table`s of `Rate`s: how often something happened, beside how often it should.
"""
