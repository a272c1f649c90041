"""The contract that comes with the gateway."""

from pathlib import Path

import pytest

from gateway.guard.policy import Policy
from gateway.semantic.load import load_contract
from gateway.semantic.model import Contract
from gateway.settings import resource

CONTRACT = load_contract(resource("marts_sql") / "semantic_layer.yaml")

DIMS = ("dim_experiments", "dim_experiment_variations", "dim_metrics", "dim_experiment_metrics")
RESULTS = ("fct_experiment_results", "fct_experiment_srm", "fct_experiment_srm_segments")
QUALITY = ("fct_experiment_exposure_quality", "fct_experiment_exposure_quality_daily", "fct_metric_event_quality_daily")
RAW = ("fct_experiment_cohort", "agg_experiment_metric_by_variant", "agg_experiment_metric_daily")
METRICS = (
    "conversion_7d",
    "orders_per_user",
    "revenue_per_user",
    "revenue_per_user_w99",
    "average_order_value",
    "refund_rate",
    "support_tickets_per_user",
    "unsubscribe_rate",
    "sessions_per_user",
    "page_load_ms",
)


def test_it_lists_the_published_marts_and_nothing_else() -> None:
    assert set(CONTRACT.assets) == {*DIMS, *RESULTS, *QUALITY, *RAW, "dim_ai_allowed_assets"}


@pytest.mark.parametrize("asset", CONTRACT.assets)
def test_every_column_is_described(asset: str) -> None:
    assert [name for name, column in CONTRACT.assets[asset].columns.items() if not column.description] == []


@pytest.mark.parametrize("asset", CONTRACT.assets)
def test_every_measure_says_its_unit_and_what_it_may_be_summed_over(asset: str) -> None:
    measures = {name: column for name, column in CONTRACT.assets[asset].columns.items() if column.role == "measure"}
    assert [name for name, column in measures.items() if column.additive is None or not column.unit] == []


def test_personal_data_is_hidden_and_everything_else_may_be_selected() -> None:
    access = {
        (asset, name): column.access for asset, spec in CONTRACT.assets.items() for name, column in spec.columns.items()
    }
    assert {column for column, how in access.items() if how != "select"} == {
        ("dim_experiments", "owner"),
        ("fct_experiment_cohort", "unit_id"),
    }
    assert set(access.values()) == {"select", "hidden"}


def test_marts_that_mix_populations_or_segments_are_pinned() -> None:
    assert {name: asset.pins for name, asset in CONTRACT.assets.items() if asset.pins} == {
        "agg_experiment_metric_by_variant": ("analysis_population", "dimension"),
        "agg_experiment_metric_daily": ("analysis_population", "dimension", "date_day"),
        "fct_experiment_results": ("analysis_population", "dimension"),
        "fct_experiment_srm": ("analysis_population",),
        "fct_experiment_srm_segments": ("analysis_population",),
    }


def test_users_may_be_added_over_arms_and_rates_over_nothing() -> None:
    columns = CONTRACT.assets["fct_experiment_results"].columns
    assert {name: c.additive for name, c in columns.items() if c.additive} == {"n_users": ("variation_id",)}


def test_it_has_the_demo_metrics_with_the_words_people_use() -> None:
    assert tuple(CONTRACT.metrics) == METRICS
    assert all(metric.synonyms for metric in CONTRACT.metrics.values())
    assert {name for name, metric in CONTRACT.metrics.items() if metric.desired == "decrease"} == {
        "refund_rate",
        "support_tickets_per_user",
        "unsubscribe_rate",
        "page_load_ms",
    }


def test_no_two_metrics_share_a_word() -> None:
    words = [word.casefold() for metric in CONTRACT.metrics.values() for word in (metric.label, *metric.synonyms)]
    assert sorted(words) == sorted(set(words))


def test_viewers_see_no_unit_rows_and_no_raw_statistics() -> None:
    assert set(CONTRACT.visible_to("analyst")) == set(CONTRACT.assets)
    assert set(CONTRACT.assets) - set(CONTRACT.visible_to("viewer")) == set(RAW)
    assert CONTRACT.roles["viewer"].limits.rows == 1000


@pytest.mark.parametrize("role", CONTRACT.roles)
def test_the_guard_reads_the_mapping_of_every_role(role: str) -> None:
    policy = Policy.from_mapping(CONTRACT.mapping(), role)
    assert set(policy.assets) == set(CONTRACT.visible_to(role))
    assert policy.max_rows == CONTRACT.roles[role].limits.rows


def test_loading_it_is_quick() -> None:
    import time

    path = Path(resource("marts_sql") / "semantic_layer.yaml")
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        assert isinstance(load_contract(path), Contract)
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.04 * 5, "five times the budget: a loaded machine is no failure, a quadratic reader is"
