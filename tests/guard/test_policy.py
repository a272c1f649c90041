"""The policy: one role's view, read with every problem at once, and a fingerprint that follows what it says."""

import copy
import dataclasses
from typing import Any

import pytest

from gateway.guard import Policy
from tests.guard import world


def changed(**paths: Any) -> dict[str, Any]:
    """The contract with some values replaced, by path: `assets__dim_experiments__grain=[…]`."""
    contract: dict[str, Any] = copy.deepcopy(world.CONTRACT)
    for path, value in paths.items():
        *parents, last = path.split("__")
        at = contract
        for parent in parents:
            at = at[parent]
        at[last] = value
    return contract


def test_every_problem_is_reported_at_once() -> None:
    contract = changed(
        assets__dim_experiments__grain=["nope"],
        assets__fct_results__pins=["gone"],
        assets__fct_daily__columns__n_events={"additive": "some"},
        assets__fct_cohort__columns__platform={"access": "maybe"},
        assets__fct_cohort__joins=[{"to": "nowhere", "on": ["experiment_id"], "cardinality": "few"}],
        roles__analyst__assets=["dim_experiments", "missing"],
        roles__analyst__row_filter={"dim_experiments": "owner = 'x' and nope = 1", "unheard": "true"},
        roles__analyst__limits={"rows": 0},
    )
    with pytest.raises(ValueError, match="dim_experiments") as caught:
        Policy.from_mapping(contract, "analyst")
    problems = str(caught.value).split("; ")
    for part in (
        "grain names 'nope'",
        "pins names 'gone'",
        "additive is none, all",
        "access is one of",
        "joins 'nowhere'",
        "cardinality is one of",
        "no asset 'missing'",
        "reads 'nope'",
        "row_filter names 'unheard'",
        "limits.rows must be",
    ):
        assert any(part in problem for problem in problems), part


def test_an_unknown_role_names_those_that_exist() -> None:
    with pytest.raises(ValueError, match="no role 'guest'; there are: analyst, partner, viewer"):
        Policy.from_mapping(world.CONTRACT, "guest")


@pytest.mark.parametrize(
    "condition",
    [
        "experiment_id in (select 1)",
        "1 = 1; drop table x",
        "select 1",
        "dim_experiments.name = 'x'",
        "((",
        "name = 'a' union select 1",
    ],
)
def test_a_row_filter_is_a_condition_on_its_own_asset(condition: str) -> None:
    with pytest.raises(ValueError, match="row_filter of dim_experiments"):
        Policy.from_mapping(changed(roles__analyst__row_filter={"dim_experiments": condition}), "analyst")


@pytest.mark.parametrize(
    "paths",
    [
        {"roles__analyst__limits": {"rows": 999, "seconds": 10}},
        {"roles__analyst__min_group_size": 6},
        {"roles__analyst__row_filter": {"dim_experiments": "status = 'ended'"}},
        {"roles__analyst__assets": ["dim_experiments"]},
        {"assets__dim_experiments__columns__name": {"access": "hidden"}},
        {"assets__fct_daily__columns__n_events": {"additive": "none"}},
        {"assets__fct_results__pins": ["dimension"]},
    ],
)
def test_the_fingerprint_follows_what_the_role_may_do(paths: dict[str, Any]) -> None:
    assert Policy.from_mapping(changed(**paths), "analyst").fingerprint != world.ANALYST.fingerprint


def test_the_fingerprint_ignores_what_the_role_cannot_see_and_prose() -> None:
    same = changed(assets__dim_experiments__description="Other words.", assets__fct_restricted__columns__more={})
    assert Policy.from_mapping(same, "analyst").fingerprint == world.ANALYST.fingerprint


def test_a_policy_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        world.ANALYST.max_rows = 10**9  # type: ignore[misc]  # the point of the test
    with pytest.raises(TypeError):
        world.ANALYST.assets["payroll"] = world.ANALYST.assets["fct_daily"]  # type: ignore[index]  # likewise


def test_a_measure_without_a_word_on_additivity_does_not_add_up() -> None:
    policy = Policy.from_mapping(changed(assets__fct_daily__columns__n_events={"role": "measure"}), "analyst")
    assert policy.assets["fct_daily"].columns["n_events"].additive == frozenset()
