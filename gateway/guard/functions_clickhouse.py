"""ClickHouse's pure functions that an analyst needs, in the same form as the DuckDB list."""

from typing import Final

SCALAR: Final = """
Abs(this) = abs
"""

AGGREGATE: Final = """
Sum(this) = sum
"""

WINDOW: Final = """
Rank() = rank
"""
