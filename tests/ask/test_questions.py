"""Questions in plain words, and exactly the tool calls that they become. A default population (itt) is set."""

import pytest

from gateway.ask.plan import OfflinePlanner
from gateway.ask.vocabulary import Arm, Experiment, Metric, Vocabulary
from gateway.ports import ToolCall
from tests.ask.asking import about, ask, decision, health, rank, results, segment, tool, trend

OPC, HILL = "one_page_checkout", "hillstrom_email"
OUTCOMES: list[tuple[str, list[ToolCall]]] = [
    ("Did one-page checkout increase conversion?", [results(OPC, "conversion_7d")]),
    ("DID ONE PAGE CHECKOUT INCREASE CONVERSION", [results(OPC, "conversion_7d")]),
    ("did one_page_checkout raise conversion_7d", [results(OPC, "conversion_7d")]),
    ("one-page-checkout's conversion?", [results(OPC, "conversion_7d")]),
    ("didn’t one‑page checkout increase conversion?", [results(OPC, "conversion_7d")]),
    ("did one page check out raise revenue", [results(OPC, "revenue_per_user")]),
    ("how did price badges do", [results("price_badges")]),
    ("how is loyalty tiers doing", [results("loyalty_tiers")]),
    ("one page checkout", [results(OPC)]),
    ("update on one page checkout", [results(OPC)]),
    ("show me the results of search ranker v2", [results("search_ranker_v2")]),
    ("is price badges statistically significant?", [results("price_badges")]),
    ("chance to win for one page checkout", [results(OPC)]),
    ("treatment vs control in one page checkout", [results(OPC)]),
    ("did the onboarding test work", [results("new_onboarding")]),
    ("what is the p value for one page checkout on conversion", [results(OPC, "conversion_7d")]),
    ("confidence interval for one page checkout conversion", [results(OPC, "conversion_7d")]),
    (
        "what was the lift of free shipping threshold on revenue",
        [results("free_shipping_threshold", "revenue_per_user")],
    ),
    ("did one page checkout raise revenue per user winsorised", [results(OPC, "revenue_per_user_w99")]),
    ("did one page checkout raise winsorized revenue", [results(OPC, "revenue_per_user_w99")]),
    ("capped revenue in one page checkout", [results(OPC, "revenue_per_user_w99")]),
    ("one page checkout revenue_per_user_w99", [results(OPC, "revenue_per_user_w99")]),
    ("did one page checkout raise revenue", [results(OPC, "revenue_per_user")]),
    ("did one page checkout raise revenue per user", [results(OPC, "revenue_per_user")]),
    ("how much did price badges lift orders per user?", [results("price_badges", "orders_per_user")]),
    ("what happened to refunds in express refunds?", [results("express_refunds", "refund_rate")]),
    ("did one page checkout reduce conversion", [results(OPC, "conversion_7d")]),
    ("did conversion drop in one page checkout", [results(OPC, "conversion_7d")]),
    ("did push cadence lower unsubscribes", [results("push_cadence", "unsubscribe_rate")]),
    ("did search ranker v2 improve sessions", [results("search_ranker_v2", "sessions_per_user")]),
    (
        "did free shipping threshold increase sales but hurt aov?",
        [results("free_shipping_threshold", "revenue_per_user", "average_order_value")],
    ),
    ("did one page checkout increase conversion and revenue", [results(OPC, "conversion_7d", "revenue_per_user")]),
    (
        "did one page checkout increase conversion without hurting refunds",
        [results(OPC, "conversion_7d", "refund_rate")],
    ),
    ("conversion within 7 days for one page checkout", [results(OPC, "conversion_7d")]),
    ("7-day conversion of one page checkout", [results(OPC, "conversion_7d")]),
    ("is the effect of price badges significant on orders", [results("price_badges", "orders_per_user")]),
    ("Did the mens e-mail increase visits in hillstrom email?", [results(HILL, "visit", arms=("mens_e_mail",))]),
    ("did the womens email increase spend", [results(HILL, "spend", arms=("womens_e_mail",))]),
    ("visit for mens email vs no email in hillstrom_email", [results(HILL, "visit", arms=("mens_e_mail",))]),
    ("did hillstrom email increase conversion", [results(HILL, "conversion")]),
    (
        "compare mens e-mail and womens e-mail on spend in hillstrom email",
        [results(HILL, "spend", arms=("mens_e_mail", "womens_e_mail"))],
    ),
    ("is badge percent better", [results("price_badges", arms=("badge_percent",))]),
    ("did badge amount beat control in price badges", [results("price_badges", arms=("badge_amount",))]),
    ("which arm of price badges is best", [results("price_badges", "conversion_7d")]),
    ("what is the winning variant in price badges on revenue", [results("price_badges", "revenue_per_user")]),
    ("best arm of hillstrom email", [results(HILL, "visit")]),
]
POPULATIONS_AND_LEVELS = [
    ("did one page checkout increase conversion, intent to treat", [results(OPC, "conversion_7d")]),
    (
        "did one page checkout increase conversion among exposed users",
        [results(OPC, "conversion_7d", population="exposed")],
    ),
    ("one page checkout conversion as exposed", [results(OPC, "conversion_7d", population="exposed")]),
    ("one page checkout conversion --population exposed", [results(OPC, "conversion_7d", population="exposed")]),
    ("both populations for one page checkout", [results(OPC), results(OPC, population="exposed")]),
    ("exposed vs itt for one page checkout", [results(OPC), results(OPC, population="exposed")]),
    ("one page checkout conversion 90% interval", [results(OPC, "conversion_7d", level=0.9)]),
    ("one page checkout conversion with 99 % confidence", [results(OPC, "conversion_7d", level=0.99)]),
    ("one page checkout conversion with 99 percent confidence", [results(OPC, "conversion_7d", level=0.99)]),
    ("did conversion improve at 80% confidence in one page checkout", [results(OPC, "conversion_7d", level=0.8)]),
    ("95% confidence interval of one page checkout conversion", [results(OPC, "conversion_7d")]),
]
PAYWALL = ("mobile_paywall", "revenue_per_user")
SEGMENTS = [
    ("how did mobile paywall do on iOS", [segment(*PAYWALL, "platform", "ios")]),
    ("effect of mobile paywall on revenue by platform", [segment(*PAYWALL, "platform")]),
    ("mobile paywall per country", [segment(*PAYWALL, "country")]),
    (
        "how did mobile paywall do on iOS and Android",
        [segment(*PAYWALL, "platform", "ios"), segment(*PAYWALL, "platform", "android")],
    ),
    ("how did mobile paywall do for new customers", [segment(*PAYWALL, "customer_type", "new")]),
    ("did mobile paywall increase revenue for returning customers", [segment(*PAYWALL, "customer_type", "returning")]),
    ("one page checkout in Germany", [segment(OPC, "conversion_7d", "country", "DE")]),
    ("one page checkout in the US", [segment(OPC, "conversion_7d", "country", "US")]),
    ("one page checkout in the United Kingdom", [segment(OPC, "conversion_7d", "country", "GB")]),
    ("tell us how one page checkout did on conversion", [results(OPC, "conversion_7d")]),
    (
        "did one page checkout not increase conversion on android",
        [segment(OPC, "conversion_7d", "platform", "android")],
    ),
    (
        "did push cadence reduce unsubscribe rate on android",
        [segment("push_cadence", "unsubscribe_rate", "platform", "android")],
    ),
    ("spend in hillstrom email by channel", [segment(HILL, "spend", "channel")]),
    ("spend in hillstrom email on web", [segment(HILL, "spend", "channel", "Web")]),
    ("conversion in hillstrom email for phone channel", [segment(HILL, "conversion", "channel", "Phone")]),
    ("spend in hillstrom for newbies", [segment(HILL, "spend", "newbie", "1")]),
    ("spend in hillstrom email for newbie 1", [segment(HILL, "spend", "newbie", "1")]),
    ("mobile paywall revenue on ios, 90% interval", [segment(*PAYWALL, "platform", "ios", level=0.9)]),
]
DECISIONS_AND_HEALTH = [
    ("should we launch express refunds", [decision("express_refunds")]),
    ("Should we ship one-page checkout?", [decision(OPC)]),
    ("can we roll out loyalty tiers to everyone?", [decision("loyalty_tiers")]),
    ("is recs carousel safe to ship", [decision("recs_carousel")]),
    ("what's the verdict on loyalty tiers", [decision("loyalty_tiers")]),
    ("would you recommend launching search ranker v2", [decision("search_ranker_v2")]),
    ("what should we do with price badges", [decision("price_badges")]),
    ("should we stop price badges?", [decision("price_badges")]),
    ("launch one page checkout?", [decision(OPC)]),
    ("should we launch the mens e-mail in hillstrom email", [decision(HILL, variation_ids=["mens_e_mail"])]),
    (
        "did one page checkout increase conversion and should we launch it",
        [decision(OPC), results(OPC, "conversion_7d")],
    ),
    ("any guardrail breached in express refunds", [decision("express_refunds")]),
    ("did express refunds breach its guardrails", [decision("express_refunds")]),
    ("is exposure logging healthy for new onboarding", [health("new_onboarding")]),
    ("can I trust checkout copy", [health("checkout_copy")]),
    ("can we believe recs carousel?", [health("recs_carousel")]),
    ("does checkout copy look trustworthy", [health("checkout_copy")]),
    ("any problem with price badges", [health("price_badges")]),
    ("exposure quality of recs carousel", [health("recs_carousel")]),
    ("are exposures logged correctly in checkout copy", [health("checkout_copy")]),
    ("how many users are in one page checkout", [health(OPC)]),
    ("is tracking broken in new onboarding, per day", [health("new_onboarding", daily=True)]),
    ("when did exposure logging break in new onboarding", [health("new_onboarding", daily=True)]),
    ("show the daily exposure rate for new onboarding", [health("new_onboarding", daily=True)]),
    ("is there a sample ratio mismatch in pin leaderboard carousel?", [health("pin_leaderboard_carousel")]),
    ("any SRM in one page checkout?", [health(OPC)]),
    ("are the arms of recs carousel balanced", [health("recs_carousel")]),
    ("one page checkout conversion over time", [trend(OPC, "conversion_7d")]),
    ("daily revenue of one page checkout", [trend(OPC, "revenue_per_user")]),
    ("how did one page checkout develop per day", [trend(OPC, "conversion_7d")]),
]
SRM_COLUMNS = ["experiment_id", "n_units", "p_value", "status"]
ARM_COLUMNS = ["variation_id", "name", "is_control", "expected_share"]
ACROSS = [
    ("biggest lift in revenue", [rank("revenue_per_user")]),
    ("Which experiment had the biggest lift?", [rank()]),
    ("which experiment won on 7-day conversion", [rank("conversion_7d")]),
    ("Which experiment had the biggest lift in metric conversion?", [rank("conversion")]),
    ("worst experiment by revenue", [rank("revenue_per_user", order="worst")]),
    ("which test hurt revenue the most", [rank("revenue_per_user", order="worst")]),
    ("which experiments improved orders", [rank("orders_per_user")]),
    ("biggest drop in refund rate", [rank("refund_rate")]),
    ("biggest increase in refund rate", [rank("refund_rate", order="worst")]),
    ("biggest drop in revenue", [rank("revenue_per_user", order="worst")]),
    ("compare one page checkout and checkout copy", [results(OPC), results("checkout_copy")]),
    ("select * from fct_experiment_results", [tool("run_sql", statement="select * from fct_experiment_results")]),
    ("top 3 experiments by revenue", [rank("revenue_per_user", limit=3)]),
    ("highest chance to win on revenue", [rank("revenue_per_user", by="chance_to_win")]),
    ("rank experiments by chance to win on revenue", [rank("revenue_per_user", by="chance_to_win")]),
    ("best performing experiment", [rank()]),
    ("show me the losers", [rank(order="worst")]),
    ("what is running", [tool("list_experiments", status="running")]),
    ("how many experiments are running", [tool("list_experiments", status="running")]),
    ("which experiments are finished", [tool("list_experiments", status="ended")]),
    ("list experiments", [tool("list_experiments")]),
    ("what can I ask", [tool("list_experiments"), tool("list_metrics")]),
    ("help", [tool("list_experiments"), tool("list_metrics")]),
    ("which metrics", [tool("list_metrics")]),
    ("which metrics does one page checkout have", [tool("list_metrics", experiment_id=OPC)]),
    ("what does AOV mean", [tool("list_metrics")]),
    ("how is refund rate calculated", [tool("list_metrics")]),
    ("what tables can I query", [tool("describe_marts")]),
    ("what is the status of loyalty tiers", [about("loyalty_tiers")]),
    ("is loyalty tiers still running", [about("loyalty_tiers")]),
    ("when did one page checkout end", [about(OPC)]),
    ("tell me about loyalty tiers", [about("loyalty_tiers")]),
    ("describe price badges", [about("price_badges")]),
    (
        "which arms does price badges have",
        [
            tool(
                "query_marts",
                asset="dim_experiment_variations",
                columns=ARM_COLUMNS,
                filters=[["experiment_id", "=", "price_badges"]],
            )
        ],
    ),
    (
        "which experiments have a sample ratio mismatch",
        [
            tool(
                "query_marts",
                asset="fct_experiment_srm",
                columns=SRM_COLUMNS,
                filters=[["analysis_population", "=", "itt"]],
                order_by=[["experiment_id", "asc"]],
            )
        ],
    ),
]
MISSPELLED = [
    ("did onepage chekout increase conversoin", [results(OPC, "conversion_7d")]),
    ("did on page checkout increase conversion", [results(OPC, "conversion_7d")]),
    ("Did the mens e-mail increase visits in hilstrom email?", [results(HILL, "visit", arms=("mens_e_mail",))]),
    ("did the womns e-mail increase spend in hillstrom email", [results(HILL, "spend", arms=("womens_e_mail",))]),
    ("did mobile pywall increase revenue on andriod", [segment(*PAYWALL, "platform", "android")]),
    ("effect of pin leaderbord carousel on conversion", [results("pin_leaderboard_carousel", "conversion_7d")]),
    ("did free shipping reduce average order value", [results("free_shipping_threshold", "average_order_value")]),
    ("did one page checkout incraese conversion", [results(OPC, "conversion_7d")]),
    ("is exposure loging healthy for new onboarding", [health("new_onboarding")]),
]
TABLE = [*OUTCOMES, *POPULATIONS_AND_LEVELS, *SEGMENTS, *DECISIONS_AND_HEALTH, *ACROSS, *MISSPELLED]


@pytest.mark.parametrize(("question", "calls"), TABLE)
def test_question_becomes_exactly_these_calls(question: str, calls: list[ToolCall]) -> None:
    plan = ask(question)
    assert (plan.question_back, plan.refusal) == ("", "")
    assert list(plan.calls) == calls


def test_interpretation_says_what_was_understood() -> None:
    plan = ask("Did one-page checkout increase conversion?")
    assert (
        plan.interpretation
        == "Effect of One-page checkout (treatment vs control) on 7-day conversion, intent-to-treat, all units."
    )


def test_interpretation_says_which_way_was_asked() -> None:
    assert ask("did one page checkout reduce conversion").interpretation.endswith("all units, asked whether it fell.")


def test_correction_is_shown() -> None:
    plan = ask("did onepage chekout increase conversion")
    assert plan.interpretation.endswith("(read “onepage chekout” as One-page checkout)")


def test_a_word_that_two_experiments_share_names_neither_even_if_an_arm_bears_it() -> None:
    arm = Experiment("recs", "Recs carousel", arms=(Arm("c", "Carousel", False), Arm("n", "None", True)))
    other = Experiment("pin", "Pin leaderboard carousel", arms=(Arm("p", "Pinned", False), Arm("n", "None", True)))
    plan = OfflinePlanner(Vocabulary((arm, other)), "itt").plan("how did carousel do", {})
    assert plan.question_back.startswith("“carousel” is not enough of a name")


def test_an_arm_with_an_everyday_name_does_not_hide_the_question() -> None:
    metric = Metric("clicks", "Clicks", "primary", "count")
    arms = (Arm("d", "Daily", False), Arm("w", "Weekly", True))
    vocabulary = Vocabulary(
        (Experiment("push", "Push cadence", arms=arms, primary_metric="clicks", metrics=(metric,)),)
    )
    planner = OfflinePlanner(vocabulary, "itt")
    assert planner.plan("daily clicks of push cadence", {}).calls[0].tool == "experiment_trend"
    named = planner.plan("clicks of the variant Daily in push cadence", {}).calls[0]
    assert named.arguments["variation_ids"] == ["d"]
