"""A vocabulary to ask about: the demo world's names, and an imported experiment that the code knows nothing of."""

from gateway.ask.vocabulary import Arm, CatalogueMetric, Dimension, Experiment, Metric, Vocabulary

CATALOGUE = (
    CatalogueMetric(
        "conversion_7d",
        "7-day conversion",
        ("conversion", "purchase rate", "conversion rate"),
        "occurrence",
        "increase",
        "proportion",
    ),
    CatalogueMetric("orders_per_user", "Orders per user", ("orders", "purchases"), "count", "increase", "orders"),
    CatalogueMetric("revenue_per_user", "Revenue per user", ("revenue", "sales"), "sum", "increase", "currency"),
    CatalogueMetric("revenue_per_user_w99", "Revenue per user, winsorised at 99 %", (), "sum", "increase", "currency"),
    CatalogueMetric(
        "average_order_value", "Average order value", ("aov", "basket size"), "ratio", "increase", "currency"
    ),
    CatalogueMetric("refund_rate", "Refund rate", ("refunds",), "ratio", "decrease", "proportion"),
    CatalogueMetric(
        "support_tickets_per_user",
        "Support tickets per user",
        ("tickets", "contact rate"),
        "count",
        "decrease",
        "tickets",
    ),
    CatalogueMetric("unsubscribe_rate", "Unsubscribe rate", ("unsubscribes",), "occurrence", "decrease", "proportion"),
    CatalogueMetric("sessions_per_user", "Sessions per user", ("sessions",), "count", "increase", "sessions"),
    CatalogueMetric("page_load_ms", "Page load time", ("latency", "speed"), "mean", "decrease", "ms"),
)
_KNOWN = {metric.id: metric for metric in CATALOGUE}


def _metric(metric_id: str, role: str = "secondary") -> Metric:
    known = _KNOWN[metric_id]
    window = 7.0 if metric_id == "conversion_7d" else None
    return Metric(metric_id, known.label, role, known.aggregation, known.desired, window)


def _experiment(
    experiment_id: str,
    name: str,
    metrics: str = "conversion_7d revenue_per_user orders_per_user",
    guardrails: str = "refund_rate",
    arms: str = "control treatment",
    status: str = "ended",
) -> Experiment:
    first, *rest = metrics.split()
    return Experiment(
        id=experiment_id,
        name=name,
        description=f"{name}, in the demo world",
        status=status,
        primary_metric=first,
        arms=tuple(Arm(arm, arm.replace("_", " "), arm == "control") for arm in arms.split()),
        metrics=(
            _metric(first, "primary"),
            *map(_metric, rest),
            *(_metric(item, "guardrail") for item in guardrails.split()),
        ),
    )


HILLSTROM = Experiment(
    id="hillstrom_email",
    name="hillstrom_email",
    primary_metric="visit",
    arms=(
        Arm("no_e_mail", "No E-Mail", True),
        Arm("mens_e_mail", "Mens E-Mail", False),
        Arm("womens_e_mail", "Womens E-Mail", False),
    ),
    metrics=(
        Metric("visit", "visit", "primary", "occurrence"),
        Metric("conversion", "conversion", "secondary", "occurrence"),
        Metric("spend", "spend", "secondary", "sum"),
    ),
)
EXPERIMENTS = (
    _experiment(
        "one_page_checkout",
        "One-page checkout",
        metrics="conversion_7d revenue_per_user orders_per_user revenue_per_user_w99",
    ),
    _experiment("free_shipping_threshold", "Free shipping threshold", guardrails="average_order_value"),
    _experiment(
        "search_ranker_v2", "Search ranker v2", metrics="sessions_per_user conversion_7d", guardrails="page_load_ms"
    ),
    _experiment("pin_leaderboard_carousel", "Pin leaderboard carousel"),
    _experiment("new_onboarding", "New onboarding", guardrails=""),
    _experiment("price_badges", "Price badges", arms="control badge_percent badge_amount badge_urgency"),
    _experiment("express_refunds", "Express refunds", guardrails="refund_rate support_tickets_per_user"),
    _experiment("push_cadence", "Push cadence", metrics="unsubscribe_rate sessions_per_user", guardrails=""),
    _experiment("recs_carousel", "Recs carousel"),
    _experiment("checkout_copy", "Checkout copy"),
    _experiment("mobile_paywall", "Mobile paywall", metrics="revenue_per_user conversion_7d"),
    _experiment("loyalty_tiers", "Loyalty tiers", status="running"),
    HILLSTROM,
)
DEMO_DIMENSIONS = (
    Dimension("country", ("DE", "FR", "GB", "US")),
    Dimension("customer_type", ("new", "returning")),
    Dimension("platform", ("android", "ios", "web")),
)
SEGMENTS = {item.id: DEMO_DIMENSIONS for item in EXPERIMENTS if item.id != "hillstrom_email"} | {
    "hillstrom_email": (Dimension("channel", ("Multichannel", "Phone", "Web")), Dimension("newbie", ("0", "1")))
}


def vocabulary() -> Vocabulary:
    """Fresh each time: a vocabulary remembers what it has read."""
    return Vocabulary(EXPERIMENTS, CATALOGUE, lambda: SEGMENTS)
