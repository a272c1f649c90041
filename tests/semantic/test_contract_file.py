"""Reading the semantic layer's file: what it means, and every problem at its line."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import ContractError
from gateway.semantic.load import load_contract, parse_contract
from gateway.semantic.model import Asset, Column, Contract, Join, Metric, Role, RoleLimits

SMALL = """\
version: 1
assets:
  dim_shops:
    description: One row per shop.
    grain: [shop_id]
    columns:
      shop_id: {type: string, role: key, description: Shop.}
      region: {type: string, role: dimension}
  fct_sales:
    description: One row per shop, day and kind.
    grain: [shop_id, day, kind]
    pins: [kind]
    columns:
      shop_id: {type: string, role: key}
      day: {type: date, role: time}
      kind: {type: string, role: key}
      clerk: {type: string, access: hidden}
      revenue: {type: double, role: measure, additive: [shop_id, day], unit: euro}
      margin: {type: double, role: measure, additive: none}
    joins:
      - {to: dim_shops, on: [shop_id], cardinality: many_to_one}
metrics:
  revenue: {label: Revenue, synonyms: [sales], aggregation: sum, desired: increase}
roles:
  analyst: {assets: "*"}
  partner:
    assets: [fct_sales]
    limits: {rows: 100, seconds: 2.5}
    row_filter: {fct_sales: "shop_id like 'partner_%'"}
"""


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(ContractError) as caught:
        parse_contract(text, "c.yaml")
    return caught.value.problems


def contract_or_problems(text: str) -> Contract | tuple[str, ...]:
    """What reading comes to. Anything else that it raises fails the test."""
    try:
        return parse_contract(text, "c.yaml")
    except ContractError as error:
        return error.problems


def edited(old: str, new: str) -> str:
    assert SMALL.count(old) == 1, f"{old!r} must occur once"
    return SMALL.replace(old, new)


def test_a_file_is_read_as_it_is_written() -> None:
    contract = parse_contract(SMALL, "c.yaml")
    assert contract == Contract(
        version=1,
        assets={
            "dim_shops": Asset(
                description="One row per shop.",
                grain=("shop_id",),
                columns={
                    "shop_id": Column(type="string", role="key", description="Shop."),
                    "region": Column(type="string", role="dimension"),
                },
            ),
            "fct_sales": Asset(
                description="One row per shop, day and kind.",
                grain=("shop_id", "day", "kind"),
                pins=("kind",),
                columns={
                    "shop_id": Column(type="string", role="key"),
                    "day": Column(type="date", role="time"),
                    "kind": Column(type="string", role="key"),
                    "clerk": Column(type="string", access="hidden"),
                    "revenue": Column(type="double", role="measure", additive=("shop_id", "day"), unit="euro"),
                    "margin": Column(type="double", role="measure", additive=()),
                },
                joins=(Join(to="dim_shops", on=("shop_id",), cardinality="many_to_one"),),
            ),
        },
        metrics={"revenue": Metric(label="Revenue", synonyms=("sales",), aggregation="sum", desired="increase")},
        roles={
            "analyst": Role(assets=("*",)),
            "partner": Role(
                assets=("fct_sales",),
                limits=RoleLimits(rows=100, seconds=2.5),
                row_filter={"fct_sales": "shop_id like 'partner_%'"},
            ),
        },
    )


def test_a_role_sees_its_assets_in_the_files_order() -> None:
    contract = parse_contract(SMALL, "c.yaml")
    assert list(contract.visible_to("analyst")) == ["dim_shops", "fct_sales"]
    assert list(contract.visible_to("partner")) == ["fct_sales"]
    assert list(contract.assets["fct_sales"].visible()) == ["shop_id", "day", "kind", "revenue", "margin"]


def test_the_mapping_has_the_shape_of_the_file_and_reads_back_the_same() -> None:
    contract = parse_contract(SMALL, "c.yaml")
    mapping = contract.mapping()
    columns = mapping["assets"]["fct_sales"]["columns"]
    assert mapping["roles"]["analyst"]["assets"] == "*"
    assert [columns[name]["additive"] for name in ("revenue", "margin", "day")] == [["shop_id", "day"], "none", None]
    assert mapping["assets"]["fct_sales"]["joins"] == [
        {"to": "dim_shops", "on": ["shop_id"], "cardinality": "many_to_one"}
    ]
    assert Contract.model_validate(mapping) == contract


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("version: 1", "version: 2", "c.yaml:1: version: 2 is not one of 1.", id="version of the future"),
        pytest.param("version: 1\n", "", "c.yaml:1: version: is required, and is not there", id="no version"),
        pytest.param(
            "version: 1", "vresion: 1", "c.yaml:1: vresion: unknown key. Did you mean 'version'?", id="top key"
        ),
        pytest.param(
            "    pins: [kind]",
            "    pinns: [kind]",
            "c.yaml:12: assets.fct_sales.pinns: unknown key. Did you mean 'pins'?",
            id="asset key",
        ),
        pytest.param(
            "margin: {type: double, role",
            "margin: {tpye: double, role",
            "c.yaml:19: assets.fct_sales.columns.margin.tpye: unknown key. Did you mean 'type'?",
            id="column key",
        ),
        pytest.param(
            "cardinality: many_to_one",
            "kind: many_to_one",
            "c.yaml:21: assets.fct_sales.joins[0].kind: unknown key. Known keys: to, on, cardinality.",
            id="join key",
        ),
        pytest.param(
            "{rows: 100,",
            "{row: 100,",
            "c.yaml:28: roles.partner.limits.row: unknown key. Did you mean 'rows'?",
            id="limit key",
        ),
        pytest.param(
            "region: {type: string",
            "region: {type: strin",
            "c.yaml:8: assets.dim_shops.columns.region.type: 'strin' is not one of string, integer, double, boolean, "
            "date, timestamp. Did you mean 'string'?",
            id="column type",
        ),
        pytest.param(
            "access: hidden",
            "access: secret",
            "c.yaml:17: assets.fct_sales.columns.clerk.access: 'secret' is not one of select, filter, aggregate, "
            "hidden. Did you mean 'select'?",
            id="access",
        ),
        pytest.param(
            "aggregation: sum",
            "aggregation: summ",
            "c.yaml:23: metrics.revenue.aggregation: 'summ' is not one of occurrence, count, sum, mean, ratio. "
            "Did you mean 'sum'?",
            id="aggregation",
        ),
        pytest.param(
            "    description: One row per shop.\n",
            "",
            "c.yaml:3: assets.dim_shops.description: is required, and is not there",
            id="no description",
        ),
        pytest.param(
            "One row per shop.",
            "12",
            "c.yaml:4: assets.dim_shops.description: expected text, got 12",
            id="description is a number",
        ),
        pytest.param(
            "grain: [shop_id]\n",
            "grain: shop_id\n",
            "c.yaml:5: assets.dim_shops.grain: expected a list, got 'shop_id'",
            id="grain is no list",
        ),
        pytest.param(
            "grain: [shop_id]\n",
            "grain: []\n",
            "c.yaml:5: assets.dim_shops.grain: must not be empty",
            id="grain is empty",
        ),
        pytest.param(
            "grain: [shop_id]\n",
            "grain: [shop]\n",
            "c.yaml:5: assets.dim_shops.grain[0]: no column 'shop' in this asset. Did you mean 'shop_id'?",
            id="grain",
        ),
        pytest.param(
            "grain: [shop_id]\n",
            "grain:\n      - shop_id\n      - shop_id\n",
            "c.yaml:7: assets.dim_shops.grain[1]: column 'shop_id' is listed twice",
            id="grain twice",
        ),
        pytest.param(
            "pins: [kind]",
            "pins: [kinds]",
            "c.yaml:12: assets.fct_sales.pins[0]: no column 'kinds' in this asset. Did you mean 'kind'?",
            id="pin",
        ),
        pytest.param(
            "pins: [kind]",
            "pins: [clerk]",
            "c.yaml:12: assets.fct_sales.pins[0]: column 'clerk' has access hidden: a pin must have access select",
            id="hidden pin",
        ),
        pytest.param(
            "additive: [shop_id, day]",
            "additive: [shop_id, dya]",
            "c.yaml:18: assets.fct_sales.columns.revenue.additive[1]: no column 'dya' in this asset. "
            "Did you mean 'day'?",
            id="additive over nothing",
        ),
        pytest.param(
            "additive: [shop_id, day]",
            "additive: [margin]",
            "c.yaml:18: assets.fct_sales.columns.revenue.additive[0]: column 'margin' is not in the grain, "
            "so summing over it means nothing",
            id="additive outside the grain",
        ),
        pytest.param(
            "additive: [shop_id, day]",
            "additive: some",
            "c.yaml:18: assets.fct_sales.columns.revenue.additive: expected none or a list of columns, got 'some'",
            id="additive is a word",
        ),
        pytest.param(
            "region: {type: string, role: dimension}",
            "region: {type: string, additive: [shop_id]}",
            "c.yaml:8: assets.dim_shops.columns.region.additive: only a measure can be summed, and this column is "
            "of role attribute",
            id="additive attribute",
        ),
        pytest.param(
            "{to: dim_shops",
            "{to: dim_shop",
            "c.yaml:21: assets.fct_sales.joins[0].to: no asset is named 'dim_shop'. Did you mean 'dim_shops'?",
            id="join to nothing",
        ),
        pytest.param(
            "on: [shop_id]",
            "on: [shop_id, kind]",
            "c.yaml:21: assets.fct_sales.joins[0].on[1]: no column 'kind' in dim_shops.",
            id="join column",
        ),
        pytest.param(
            "cardinality: many_to_one",
            "cardinality: one_to_one",
            "c.yaml:21: assets.fct_sales.joins[0].cardinality: one_to_one cannot be true: a row of this asset is "
            "told apart by shop_id, day, kind, and the join is only on shop_id",
            id="join multiplies rows",
        ),
        pytest.param(
            "shop_id: {type: string, role: key, description: Shop.}",
            "shop_id: {type: string, role: key, description: Shop., access: aggregate}",
            "c.yaml:21: assets.fct_sales.joins[0].on[0]: column 'shop_id' of dim_shops is aggregate, so no query "
            "could join on it",
            id="join on a column that cannot be read",
        ),
        pytest.param(
            "assets: [fct_sales]",
            "assets: [fct_sales, fct_sale]",
            "c.yaml:27: roles.partner.assets[1]: no asset is named 'fct_sale'. Did you mean 'fct_sales'?",
            id="role's asset",
        ),
        pytest.param(
            "assets: [fct_sales]",
            "assets: all",
            "c.yaml:27: roles.partner.assets: expected \"*\" or a list of assets, got 'all'",
            id="role's assets",
        ),
        pytest.param(
            "rows: 100",
            "rows: 0",
            "c.yaml:28: roles.partner.limits.rows: expected a number above 0, got 0",
            id="no rows",
        ),
        pytest.param(
            "rows: 100",
            "rows: true",
            "c.yaml:28: roles.partner.limits.rows: expected a whole number, got true",
            id="rows is yes",
        ),
        pytest.param(
            "seconds: 2.5",
            "seconds: .inf",
            "c.yaml:28: roles.partner.limits.seconds: expected a finite number, got inf",
            id="endless",
        ),
        pytest.param(
            "shop_id like",
            "shop like",
            "c.yaml:29: roles.partner.row_filter.fct_sales: no column 'shop' in fct_sales. Did you mean 'shop_id'?",
            id="rule's column",
        ),
        pytest.param(
            '{fct_sales: "shop_id like',
            '{dim_shops: "shop_id like',
            "c.yaml:29: roles.partner.row_filter.dim_shops: asset 'dim_shops' is not among the role's assets",
            id="rule for an asset the role does not have",
        ),
        pytest.param(
            '{fct_sales: "shop_id like',
            '{fct_sale: "shop_id like',
            "c.yaml:29: roles.partner.row_filter.fct_sale: no asset is named 'fct_sale'. Did you mean 'fct_sales'?",
            id="rule for nothing",
        ),
        pytest.param(
            "\"shop_id like 'partner_%'\"",
            "\"shop_id = 'a'; drop table x\"",
            "c.yaml:29: roles.partner.row_filter.fct_sales: is not one condition: \"shop_id = 'a'; drop table x\"",
            id="rule is two statements",
        ),
        pytest.param(
            "\"shop_id like 'partner_%'\"",
            '"exists (select 1)"',
            "c.yaml:29: roles.partner.row_filter.fct_sales: a condition over the asset's own columns is needed, "
            "without select",
            id="rule reads elsewhere",
        ),
        pytest.param(
            "\"shop_id like 'partner_%'\"",
            "\"s.shop_id = 'a'\"",
            "c.yaml:29: roles.partner.row_filter.fct_sales: write 'shop_id' without 's': the rule only sees its own "
            "asset",
            id="rule with a prefix",
        ),
        pytest.param(
            "  dim_shops:\n",
            "  dim shops:\n",
            "c.yaml:3: assets.dim shops: 'dim shops' is not a plain name: letters, digits and _, not a digit first, "
            "at most 63",
            id="name with a space",
        ),
        pytest.param(
            "region: {",
            "SHOP_ID: {",
            "c.yaml:8: assets.dim_shops.columns.SHOP_ID: differs from 'shop_id' only in case, and engines may take "
            "them for one",
            id="names that differ in case",
        ),
        pytest.param(
            "region: {type: string, role: dimension}",
            "shop_id: {type: string}",
            "c.yaml:8: key 'shop_id' is already given on line 7",
            id="column twice",
        ),
        pytest.param(
            "region: {type: string",
            "region: {type: !enum string",
            "c.yaml:8: tag '!enum' is not supported: write plain values",
            id="tag",
        ),
        pytest.param("rows: 100", "rows: !!int many", "c.yaml:28: 'many' is not of type int", id="tag that lies"),
    ],
)
def test_a_problem_is_said_with_its_line(old: str, new: str, expected: str) -> None:
    assert expected in problems(edited(old, new))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "c.yaml:1: is empty: a contract needs version, assets and roles", id="empty"),
        pytest.param(
            "# only a comment\n", "c.yaml:1: is empty: a contract needs version, assets and roles", id="comment"
        ),
        pytest.param("- 1\n", "c.yaml:1: expected keys with values, got a list", id="a list"),
        pytest.param(
            "version: 1\nassets: [\n",
            "c.yaml:3: not valid YAML: while parsing a flow node; did not find expected node content",
            id="broken",
        ),
        pytest.param(
            "version: 1\n---\nversion: 1\n",
            "c.yaml:2: a second document starts here: one file holds one document",
            id="two documents",
        ),
        pytest.param(
            "version: 1\nassets: \x07\n", "c.yaml:2: character 0x0007 is not allowed in YAML", id="control character"
        ),
        pytest.param("a: &x [*x]\n", "c.yaml:1: alias '*x' stands inside the value it names", id="alias of itself"),
        pytest.param("a: *x\n", "c.yaml:1: alias '*x' names no anchor above it", id="alias of nothing"),
        pytest.param("? [a]\n: 1\n", "c.yaml:1: a key must be plain text", id="a list as a key"),
        pytest.param("[" * 500_000, "c.yaml:1: nested deeper than 32 levels", id="nested without end"),
    ],
)
def test_what_is_no_contract_at_all_is_one_problem(text: str, expected: str) -> None:
    assert problems(text) == (expected,)


def test_aliases_that_multiply_are_stopped() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert problems("\n".join(lines)) == ("c.yaml:5: more than 100,000 values",)


def test_an_alias_stands_for_the_value_it_names() -> None:
    shared = edited("region: {type: string, role: dimension}", "region: &words {type: string, role: dimension}")
    contract = parse_contract(shared.replace("kind: {type: string, role: key}", "kind: *words"), "c.yaml")
    assert contract.assets["fct_sales"].columns["kind"] == Column(type="string", role="dimension")


def test_every_problem_is_reported_at_once_in_the_files_order() -> None:
    text = SMALL
    for old, new in [
        ("version: 1", "version: 7"),
        ("grain: [shop_id]\n", "grain: [shop]\n"),
        ("pins: [kind]", "pin: [kind]"),
        ("type: date", "type: day"),
        ("to: dim_shops", "to: dim_shop"),
        ("rows: 100", "rows: many"),
    ]:
        assert text.count(old) == 1
        text = text.replace(old, new)
    assert [line.split(": ")[0:2] for line in problems(text)] == [
        ["c.yaml:1", "version"],
        ["c.yaml:5", "assets.dim_shops.grain[0]"],
        ["c.yaml:12", "assets.fct_sales.pin"],
        ["c.yaml:15", "assets.fct_sales.columns.day.type"],
        ["c.yaml:21", "assets.fct_sales.joins[0].to"],
        ["c.yaml:28", "roles.partner.limits.rows"],
    ]


def test_the_error_names_the_first_problem_and_counts_the_rest() -> None:
    with pytest.raises(ContractError) as caught:
        parse_contract(SMALL.replace("version: 1", "version: 7").replace("pins: [kind]", "pins: [knd]"), "c.yaml")
    assert caught.value.exit_code == 6
    assert str(caught.value) == ("the semantic layer can't be used: c.yaml:1: version: 7 is not one of 1. (and 1 more)")


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    with pytest.raises(ContractError) as caught:
        load_contract(path)
    assert caught.value.problems == (f"{path}: no such file",)


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        load_contract(tmp_path)
    assert caught.value.problems == (f"{tmp_path}: is a folder, not a file",)


def test_a_file_that_is_not_utf8_is_said(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(SMALL.replace("euro", "\u20ac").encode("cp1252"))
    with pytest.raises(ContractError) as caught:
        load_contract(path)
    assert caught.value.problems == (f"{path}: is not UTF-8 text: byte 0x80 at position {SMALL.index('euro')}",)


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert load_contract(path) == parse_contract(SMALL, "c.yaml")


_SNIPPETS = st.sampled_from(
    [
        "",
        "\n",
        " ",
        "  ",
        "\t",
        ":",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "*",
        "&a ",
        "*a",
        "!!int ",
        "'",
        '"',
        "null",
        "~",
        "on",
        "0",
        "-1",
        "1e9",
        ".nan",
        "2026-02-30",
        "|",
        ">",
        "? ",
        "---\n",
        "%",
        "#",
        "<<: ",
        "\u00e9",
        "\U0001f600",
        "\ufeff",
    ]
)


@settings(max_examples=150, deadline=None)
@given(cuts=st.lists(st.tuples(st.integers(0, len(SMALL)), st.integers(0, 12), _SNIPPETS), min_size=1, max_size=4))
def test_a_mutated_file_is_a_contract_or_a_contract_error(cuts: list[tuple[int, int, str]]) -> None:
    text = SMALL
    for start, length, snippet in cuts:
        text = text[:start] + snippet + text[start + length :]
    read = contract_or_problems(text)
    if isinstance(read, Contract):
        assert Contract.model_validate(read.mapping()) == read
    else:
        assert read
        assert all(problem.startswith("c.yaml:") for problem in read)


_DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
_PLACES = [
    ("assets",),
    ("metrics",),
    ("roles",),
    ("assets", "fct_sales"),
    ("assets", "fct_sales", "columns"),
    ("assets", "fct_sales", "columns", "revenue"),
    ("assets", "fct_sales", "columns", "revenue", "additive"),
    ("assets", "fct_sales", "grain"),
    ("assets", "fct_sales", "pins"),
    ("assets", "fct_sales", "joins"),
    ("metrics", "revenue"),
    ("roles", "partner"),
    ("roles", "partner", "row_filter"),
    ("roles", "partner", "limits"),
]


@settings(max_examples=150, deadline=None)
@given(place=st.sampled_from(_PLACES), data=_DATA)
def test_any_value_anywhere_is_a_contract_or_a_contract_error(place: tuple[str, ...], data: object) -> None:
    mapping = parse_contract(SMALL, "c.yaml").mapping()
    holder = mapping
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = data
    assert contract_or_problems(json.dumps(mapping)) != ()  # JSON is YAML, as far as it goes
