"""The guard: parses every statement, whoever wrote it, checks it against the contract and re-renders it.

    from gateway.guard import Policy, check
    verdict = check(sql, Policy.from_mapping(contract, role))

Pure: no I/O, no database, sqlglot and the standard library only.
"""

from gateway.guard.check import check
from gateway.guard.decision import Approved, Refused, Rule, Violation
from gateway.guard.policy import Policy

__all__ = ["Approved", "Policy", "Refused", "Rule", "Violation", "check"]
