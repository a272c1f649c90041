"""Exposure validation, the cohort and the exposure-quality marts, from worlds small enough to work out by hand."""

from datetime import datetime

from tests.marts.world import END, START, World, at


def test_exp_demo_001_comes_out_exactly_as_planned(world: World) -> None:
    world.experiment("exp_demo_001")
    world.metric("conversion", "occurrence", experiment_id="exp_demo_001")
    for unit, variation in (("u1", "control"), ("u2", "treatment"), ("u3", "control")):
        world.assign(unit, variation, at(1, 10), experiment_id="exp_demo_001")
    world.expose("u1", "control", at(1, 10, 2), experiment_id="exp_demo_001")
    world.expose("u2", "treatment", at(1, 10, 1), experiment_id="exp_demo_001")
    world.build()
    validated = world.rows(
        """select unit_id, assigned_variation_id, first_exposed_at, validation_status
           from int_experiment_exposure_validation order by unit_id"""
    )
    assert validated == [
        ("u1", "control", at(1, 10, 2), "valid"),
        ("u2", "treatment", at(1, 10, 1), "valid"),
        ("u3", "control", None, "no_exposure"),
    ]
    daily = world.row("from fct_experiment_exposure_quality_daily")
    assert (daily["n_assigned"], daily["n_exposed"], daily["n_valid"]) == (3, 2, 2)
    assert round(daily["exposure_rate"], 4) == 0.6667
    assert round(daily["valid_exposure_rate"], 4) == 0.6667
    assert daily["mismatch_rate"] == 0
    assert world.row("from fct_experiment_exposure_quality")["flags"] == ""


def test_each_failure_mode_has_its_status_and_its_flag(world: World) -> None:
    """Every unit is assigned to treatment on the 2nd; what it saw differs."""
    cases: dict[str, tuple[list[tuple[str, datetime]], str, str | None]] = {
        "as assigned": ([("treatment", at(2))], "valid", None),
        "never": ([], "no_exposure", "is_no_exposure"),
        "early": ([("treatment", at(1, 23, 59, 59))], "pre_assignment_exposure", "is_pre_assignment_exposure"),
        "the other arm": ([("control", at(2))], "variant_mismatch", "is_variant_mismatch"),
        "both arms, its own first": (
            [("treatment", at(2)), ("control", at(3))], "multi_variation_exposure", "is_multi_variation_exposure",
        ),
        "at the end": ([("treatment", END)], "exposure_outside_window", "is_exposure_outside_window"),
        "a second before the end": ([("treatment", at(14, 23, 59, 59))], "valid", None),
    }  # fmt: skip
    world.experiment()
    for unit, (exposures, _, _) in cases.items():
        world.assign(unit, "treatment", at(2))
        for variation, when in exposures:
            world.expose(unit, variation, when)
    world.build()
    for unit, (_, status, flag) in cases.items():
        found = world.row(f"from int_experiment_exposure_validation where unit_id = '{unit}'")
        flags = {name for name, value in found.items() if name.startswith("is_") and value}
        assert (unit, found["validation_status"], flags) == (unit, status, {flag} if flag else set())


def test_flags_are_judged_each_on_its_own_and_the_status_names_the_first(world: World) -> None:
    world.experiment()
    world.assign("u", "treatment", at(2))
    world.expose("u", "control", at(1))
    world.expose("u", "treatment", at(3))
    world.build()
    found = world.row("from int_experiment_exposure_validation")
    assert found["validation_status"] == "pre_assignment_exposure"
    assert found["is_pre_assignment_exposure"]
    assert found["is_variant_mismatch"]
    assert found["is_multi_variation_exposure"]
    assert (found["first_exposed_variation_id"], found["n_exposures"]) == ("control", 2)


def test_units_seen_in_two_variations_leave_every_arm_and_are_counted(world: World) -> None:
    world.experiment()
    world.metric("conversion", "occurrence")
    world.assign("twice_assigned", "control", at(1))
    world.assign("twice_assigned", "treatment", at(2))
    world.enrol("twice_exposed", "control", at(1))
    world.expose("twice_exposed", "treatment", at(2))
    world.enrol("clean", "treatment", at(1))
    world.build()
    columns = "unit_id, variation_id, in_itt, in_exposed, is_quarantined"
    cohort = world.rows(f"select {columns} from fct_experiment_cohort order by 1")
    assert cohort == [
        ("clean", "treatment", True, True, False),
        ("twice_assigned", "control", False, False, True),
        ("twice_exposed", "control", False, False, True),
    ]
    srm = world.row("from fct_experiment_srm where analysis_population = 'itt'")
    assert (srm["n_units"], srm["n_quarantined"], srm["observed"]) == (1, 2, '{"control": 0, "treatment": 1}')
    arms = world.rows(
        """select variation_id, n from agg_experiment_metric_by_variant
           where analysis_population = 'itt' and dimension = 'all' order by 1"""
    )
    assert arms == [("control", 0), ("treatment", 1)]


def test_unknown_variations_and_empty_unit_ids_are_counted_and_analysed_nowhere(world: World) -> None:
    world.experiment()
    world.metric("conversion", "occurrence")
    world.enrol("known", "treatment")
    world.enrol("stray", "treatment_b")
    world.assign("", "control")
    world.build()
    cohort = world.rows("select unit_id, in_itt from fct_experiment_cohort order by 1")
    assert cohort == [("known", True), ("stray", False)]
    quality = world.row("from fct_experiment_exposure_quality")
    assert (quality["n_assigned"], quality["n_unknown_variation"], quality["n_empty_unit_ids"]) == (2, 1, 1)
    assert quality["flags"] == "unknown_variation,empty_unit_ids"
    srm = world.row("from fct_experiment_srm where analysis_population = 'itt'")
    assert (srm["n_units"], srm["n_unknown_variation"]) == (1, 1)
    assert srm["observed"] == '{"control": 0, "treatment": 1, "treatment_b": 1}'


def test_the_first_assignment_is_the_canonical_one(world: World) -> None:
    world.experiment()
    world.assign("u", "treatment", at(3))
    world.assign("u", "treatment", at(2))
    world.build()
    found = world.row("from stg_experiment_assignments")
    assert (found["assigned_at"], found["n_assignments"], found["is_multi_variation_assignment"]) == (at(2), 2, False)


def test_quality_rates_are_shares_of_the_units_assigned_that_day(world: World) -> None:
    world.experiment()
    for i in range(4):
        world.enrol(f"ok{i}", "control", at(3, 1))
    world.assign("silent", "treatment", at(3, 2))
    world.assign("wrong", "treatment", at(3, 2))
    world.expose("wrong", "control", at(3, 3))
    world.assign("early", "treatment", at(3, 2))
    world.expose("early", "treatment", at(3, 1))
    world.enrol("both", "treatment", at(3, 2))
    world.expose("both", "control", at(5))
    world.enrol("next_day", "control", at(4))
    world.build()
    assert world.rows("from fct_experiment_exposure_quality_daily order by date_day") == [
        ("exp", at(3).date(), 8, 7, 4, 7 / 8, 4 / 8, 1 / 8, 1 / 8, 1 / 8, 0.0, 1 / 8),
        ("exp", at(4).date(), 1, 1, 1, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    ]
    assert world.row("from fct_experiment_exposure_quality")["flags"] == (
        "exposure_integrity_failed,variant_mismatch,multi_variation,pre_assignment"
    )


def test_a_day_on_which_exposure_logging_breaks_is_flagged(world: World) -> None:
    world.experiment()
    for day, exposed in ((3, 190), (4, 192), (5, 130)):
        world.insert(
            "fct_experiment_assignments",
            [("exp", f"{day}-{i}", at(day), ("control", "treatment")[i % 2], "web", "US", "new") for i in range(200)],
        )
        world.insert(
            "fct_events",
            [(f"{day}-{i}", at(day), f"{day}-{i}", "exposure", "exp", ("control", "treatment")[i % 2], None, "", "", "")
             for i in range(exposed)],
        )  # fmt: skip
    world.build()
    assert world.row("from fct_experiment_exposure_quality")["flags"] == "exposure_integrity_failed,exposure_drop"


def test_exposures_are_counted_once_however_often_they_are_delivered(world: World) -> None:
    world.experiment()
    world.assign("u", "control")
    for _ in range(3):
        world.insert("fct_events", [("same", START, "u", "exposure", "exp", "control", None, "web", "US", "new")])
    world.build()
    assert world.row("from int_experiment_exposure_validation")["n_exposures"] == 1
