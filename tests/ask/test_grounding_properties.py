"""For any evidence: its numbers may be said in every reasonable way, and no other number in any."""

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gateway.answer import Answer, ArmValue, Estimate, Evidence
from gateway.ask.grounding import NUMBER, Grounding
from gateway.ask.prose import harmless
from gateway.ports import ToolCall

_UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
          "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def in_words(number: int) -> str:
    """Our own spelling of a whole number below a million, apart from the code that reads it."""
    if number < 20:
        return _UNITS[number]
    if number < 100:
        return _TENS[number // 10] + (f"-{_UNITS[number % 10]}" if number % 10 else "")
    if number < 1000:
        rest = f" and {in_words(number % 100)}" if number % 100 else ""
        return f"{_UNITS[number // 100]} hundred{rest}"
    rest = f" {in_words(number % 1000)}" if number % 1000 else ""
    return f"{in_words(number // 1000)} thousand{rest}"


shares = st.floats(0.02, 0.9, allow_nan=False)
lifts = st.floats(0.01, 3.0, allow_nan=False)
counts = st.integers(1_000, 900_000)


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    """A result of a rate, all of its numbers drawn apart from each other."""
    low, lift, high = sorted(draw(st.tuples(lifts, lifts, lifts)))
    difference = draw(st.floats(0.005, 0.3))
    return Evidence(
        experiment_id="trial", metric_id="rate", variation_id="b", control_variation_id="a", analysis_population="itt",
        control=ArmValue(n=draw(counts), value=draw(shares)), treatment=ArmValue(n=draw(counts), value=draw(shares)),
        difference=Estimate(value=difference, ci_low=difference / 2, ci_high=difference * 2),
        lift=Estimate(value=lift, ci_low=low, ci_high=high),
        p_value=draw(st.floats(1e-12, 0.04)), chance_to_win=draw(st.floats(0.5, 0.999)), verdict="better",
    )  # fmt: skip


def knowing(item: Evidence) -> Grounding:
    grounding = Grounding()
    grounding.learn(ToolCall("experiment_results"), Answer(status="answered", evidence=[item]))
    return grounding


def rounded(value: float, decimals: int, mode: str = ROUND_HALF_UP) -> str:
    return f"{Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), rounding=mode):,f}"


def shown(grounding: Grounding, sentence: str) -> bool:
    return grounding.reason(harmless(sentence)) == ""


@given(evidences(), st.integers(0, 4), st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN]))
@settings(max_examples=150)
def test_every_number_of_the_evidence_may_be_said_rounded(item: Evidence, decimals: int, mode: str) -> None:
    grounding = knowing(item)
    lift, low, high = ((value or 0) * 100 for value in (item.lift.value, item.lift.ci_low, item.lift.ci_high))
    one, other = ((arm.value or 0) * 100 for arm in (item.control, item.treatment))
    points, chance = (item.difference.value or 0) * 100, (item.chance_to_win or 0) * 100
    assume(decimals or min(lift, low, high, one, other, points) >= 10)

    def told(value: float) -> str:
        return rounded(value, decimals, mode)

    for sentence in (
        f"It rose by {told(lift)} % ({told(low)} % to {told(high)} %).",
        f"It is {told(lift)}% higher, between {told(low)} and {told(high)} percent.",
        f"The lift is +{told(lift)} per cent, with {told(low)}–{told(high)} % around it.",
        f"It went from {told(one)} % to {told(other)} %.",
        f"The difference is {told(points)} points, or +{told(points)} percentage points.",
        f"The chance to win is {rounded(chance, max(decimals, 1), mode)} %.",
        f"{item.control.n:,} units against {item.treatment.n}.",
        f"n = {in_words(item.control.n or 0)} in control.",
        f"The relative lift is {rounded((item.lift.value or 0), decimals + 2, mode)}.",
        f"p = {item.p_value:.{decimals + 1}e}.",
    ):
        assert shown(grounding, sentence), sentence


WAYS: tuple[Callable[[float], str], ...] = (
    lambda value: f"It rose by {value:.2f} %.",
    lambda value: f"It rose by {value:.2f} points.",
    lambda value: f"It is {value:.2f}% higher.",
    lambda value: f"It rose from {value:.2f} percent.",
    lambda value: f"The chance to win is {value:.2f} %.",
    lambda value: f"The value is {value / 100:.4f}.",
    lambda value: f"p = {value / 100:.4f}.",
    lambda value: f"The lift is **{value:.2f}** pct.",
    lambda value: f"The lift is {value:.2f}".replace(".", "\u200b.") + " %.",
    lambda value: f"{int(value * 1000) + 7:,} units.",
    lambda value: f"{in_words(int(value * 1000) + 7)} units.",
    lambda value: f"{in_words(int(value))} percent of units.",
    lambda value: "".join(chr(0xFF10 + int(c)) if c.isdigit() else c for c in f"It rose by {value:.2f} %."),
    lambda value: "".join(chr(0x0660 + int(c)) if c.isdigit() else c for c in f"It rose by {value:.2f} %."),
    lambda value: "".join(chr(0x1D7CE + int(c)) if c.isdigit() else c for c in f"{value:.2f} % of units."),
    lambda value: f"{value / 100:.4e} of units.",
    lambda value: f"${value:.2f} per unit.",
    lambda value: f"{value * 100:.0f} basis points.",
    lambda value: f"{value:.2f}x control.",
    lambda value: f"It took {int(value)} days.",
    lambda value: f"1 in {value:.2f} units.",
    lambda value: f"Between {value:.2f} and {value + 1:.2f} %.",
)


@given(evidences(), st.floats(3.0, 95.0), st.sampled_from(WAYS))
@settings(max_examples=600)
def test_no_other_number_may_be_said_in_any_way(item: Evidence, value: float, way: Callable[[float], str]) -> None:
    assume(not _is_near(item, value))
    sentence = way(value)
    assert knowing(item).reason(harmless(sentence)) == NUMBER, sentence


def _is_near(item: Evidence, value: float) -> bool:
    """Whether anything in the evidence comes close to the number, in any scale in which a way above may say it."""
    numbers = [float(number) for number in _numbers(item.model_dump())]
    numbers += [(item.control.n or 0) + (item.treatment.n or 0), 1, 2, 0.95, 0.05]
    numbers += [1 + number for number in numbers]
    said = (value, value + 1, value / 100, int(value), int(value * 1000) + 7, value * 100, int(value) / 100, 1 / value)
    scales = (1, 100, 10_000)
    return any(
        abs(one - number * scale) <= 0.06 * max(abs(one), abs(number * scale))
        for one in said
        for number in numbers
        for scale in scales
    )


def _numbers(value: object) -> list[float]:
    if isinstance(value, dict):
        return [number for item in value.values() for number in _numbers(item)]
    return [float(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []


@given(st.text(max_size=200))
@settings(max_examples=400)
def test_whatever_a_model_writes_has_an_answer(text: str) -> None:
    grounding = Grounding()
    sentence = harmless(text)
    assert isinstance(grounding.reason(sentence), str)
    assert not any(char in sentence for char in "\x1b\x00\u200b\u202e\n")


@given(st.text(alphabet="0123456789.,%+-–e kxtwenypo/:\u200b½²４٣", max_size=40))
@settings(max_examples=600)
def test_no_digit_is_ever_shown_that_nothing_bears_out(text: str) -> None:
    sentence = harmless(text)
    if any(char.isdigit() or char in "%½²" for char in sentence):
        assert Grounding().reason(sentence) == NUMBER
