"""Where settings come from, which source wins, and that every mistake in them is said at once."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from gateway.errors import ContractError
from gateway.settings import GuardSettings, LimitSettings, ModelSettings, Settings, load_settings, resource


@pytest.fixture(autouse=True)
def empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No gateway.yaml and none of our variables."""
    for variable in [name for name in os.environ if name.startswith(("GATEWAY_", "OPENAI_"))]:
        monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)


def config(text: str, name: str = "gateway.yaml") -> Path:
    Path(name).write_text(text, encoding="utf-8")
    return Path(name)


def problems(path: Path | None = None, **flags: object) -> tuple[str, ...]:
    with pytest.raises(ContractError) as caught:
        load_settings(path, flags)
    assert caught.value.exit_code == 6
    return caught.value.problems


def settings_or_problems() -> Settings | tuple[str, ...]:
    """What loading comes to. Anything else that it raises fails the test."""
    try:
        return load_settings()
    except ContractError as error:
        return error.problems


def test_without_anything_the_defaults_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.settings._os_user", lambda: "ada")
    assert load_settings() == Settings(
        home=Path(".gateway"),
        engine="duckdb",
        clickhouse_url=None,
        semantic=resource("marts_sql") / "semantic_layer.yaml",
        role="analyst",
        population=None,
        planner="offline",
        principal="ada",
        model=ModelSettings(name="", base_url=None, api_key=None),
        limits=LimitSettings(memory="1GB", threads=2, read="100GB", seconds=None, rows=None),
    )


def test_the_principal_is_the_account_unless_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    pwd = pytest.importorskip("pwd")
    monkeypatch.setenv("USER", "somebody_else")
    assert load_settings().principal == pwd.getpwuid(os.getuid()).pw_name
    monkeypatch.setenv("GATEWAY_PRINCIPAL", "service:dashboards")
    assert load_settings().principal == "service:dashboards"


def test_flags_win_over_environment_and_environment_over_file(monkeypatch: pytest.MonkeyPatch) -> None:
    config("role: from_file\npopulation: itt\nlimits: {threads: 3, rows: 5}\n")
    assert load_settings().role == "from_file"
    monkeypatch.setenv("GATEWAY_ROLE", "from_environment")
    monkeypatch.setenv("GATEWAY_LIMITS_THREADS", "4")
    found = load_settings(None, {"role": "from_flag", "limits.rows": 6, "population": None})
    assert (found.role, found.population) == ("from_flag", "itt")
    assert found.limits == LimitSettings(threads=4, rows=6)


def test_every_setting_has_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {
        "HOME": "/srv/gateway",
        "ENGINE": "clickhouse",
        "CLICKHOUSE_URL": "https://u:secret@host:8443/db",
        "SEMANTIC": "layer.yaml",
        "ROLE": "viewer",
        "POPULATION": "exposed",
        "PLANNER": "openai",
        "PRINCIPAL": "bot",
        "MODEL_NAME": "m",
        "MODEL_BASE_URL": "http://localhost:1",
        "MODEL_API_KEY": "secret",
        "LIMITS_MEMORY": "512MB",
        "LIMITS_THREADS": "1",
        "LIMITS_SECONDS": "2.5",
        "LIMITS_ROWS": "7",
        "GUARD_REFEREE": "true",
    }
    for name, value in variables.items():
        monkeypatch.setenv(f"GATEWAY_{name}", value)
    assert load_settings() == Settings(
        home=Path("/srv/gateway"),
        engine="clickhouse",
        clickhouse_url=SecretStr("https://u:secret@host:8443/db"),
        semantic=Path("layer.yaml"),
        role="viewer",
        population="exposed",
        planner="openai",
        principal="bot",
        model=ModelSettings(name="m", base_url="http://localhost:1", api_key=SecretStr("secret")),
        limits=LimitSettings(memory="512MB", threads=1, seconds=2.5, rows=7),
        guard=GuardSettings(referee=True),
    )


def test_the_referee_is_off_unless_it_is_asked_for() -> None:
    assert load_settings().guard == GuardSettings(referee=False)
    config("guard: {referee: true}\n")
    assert load_settings().guard == GuardSettings(referee=True)


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_POPULATION", "")
    assert load_settings().population is None


def test_secrets_are_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_MODEL_API_KEY", "sk-hush")
    monkeypatch.setenv("GATEWAY_CLICKHOUSE_URL", "https://user:hush@host/db")
    found = load_settings()
    assert "hush" not in f"{found!r} {found} {found.model_dump_json()}"
    assert found.model.api_key is not None
    assert found.model.api_key.get_secret_value() == "sk-hush"


def test_the_usual_variable_for_a_model_key_is_read_when_ours_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "theirs")
    assert load_settings().model.api_key == SecretStr("theirs")
    monkeypatch.setenv("GATEWAY_MODEL_API_KEY", "ours")
    assert load_settings().model.api_key == SecretStr("ours")


@pytest.mark.parametrize(
    ("variables", "kept"),
    [
        pytest.param({"OPENAI_API_KEY": "sk"}, None, id="OpenAI's key, an address of the file's"),
        pytest.param(
            {"OPENAI_API_KEY": "sk", "OPENAI_BASE_URL": "https://two/v1"}, "sk", id="an address of the user's"
        ),
        pytest.param({"GATEWAY_MODEL_API_KEY": "sk"}, "sk", id="a key for the gateway"),
    ],
)
def test_openais_key_is_not_sent_to_an_address_that_a_file_names(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], kept: str | None
) -> None:
    config("model: {name: m, base_url: 'https://one/v1'}\n")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    key = load_settings().model.api_key
    assert (None if key is None else key.get_secret_value()) == kept


@pytest.mark.parametrize("address", ["ftp://x/v1", "https://me:hush@x/v1", "https://x/v1?key=hush", "x", "https://"])
def test_an_address_of_a_model_holds_no_secret_and_none_is_repeated(address: str) -> None:
    (problem,) = problems(config(f"model: {{base_url: '{address}'}}\n"))
    assert "model.base_url: expected an address such as https://host/v1" in problem
    assert "hush" not in problem


def test_a_key_in_the_file_is_refused_and_not_repeated() -> None:
    config("model:\n  name: m\n  api_key: sk-hush\n")
    assert problems() == (
        "gateway.yaml:3: model.api_key: a secret does not belong in a file: set GATEWAY_MODEL_API_KEY instead",
    )


def test_paths_in_the_file_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    path = config("home: state\nsemantic: ../layer.yaml\n", "etc/gateway.yaml")
    found = load_settings(path)
    assert (found.home, found.semantic) == (Path("etc/state"), Path("etc/../layer.yaml"))
    config("home: /srv/state\n", "etc/gateway.yaml")
    assert load_settings(path).home == Path("/srv/state")


def test_paths_in_the_environment_are_relative_to_the_working_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_HOME", "state")
    assert load_settings().home == Path("state")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("rol: viewer\n", "gateway.yaml:1: rol: unknown key. Did you mean 'role'?", id="key"),
        pytest.param(
            "\nlimits:\n  row: 5\n", "gateway.yaml:3: limits.row: unknown key. Did you mean 'rows'?", id="nested key"
        ),
        pytest.param(
            "limits: {speed: 5}\n",
            "gateway.yaml:1: limits.speed: unknown key. Known keys: memory, threads, read, seconds, rows.",
            id="no near key",
        ),
        pytest.param(
            "population: it\n",
            "gateway.yaml:1: population: 'it' is not one of itt, exposed. Did you mean 'itt'?",
            id="population",
        ),
        pytest.param(
            "engine: postgres\n", "gateway.yaml:1: engine: 'postgres' is not one of duckdb, clickhouse.", id="engine"
        ),
        pytest.param(
            "limits: {memory: lots}\n", "gateway.yaml:1: limits.memory: expected a size such as 512MB or 2GB", id="size"
        ),
        pytest.param(
            "limits: {threads: 0}\n",
            "gateway.yaml:1: limits.threads: expected a number at least 1, got 0",
            id="threads",
        ),
        pytest.param(
            "limits: {seconds: soon}\n", "gateway.yaml:1: limits.seconds: expected a number, got 'soon'", id="seconds"
        ),
        pytest.param("limits: 5\n", "gateway.yaml:1: limits: expected keys with values, got 5", id="group"),
        pytest.param("role: ''\n", "gateway.yaml:1: role: must not be empty", id="empty role"),
        pytest.param("role: a\nrole: b\n", "gateway.yaml:2: key 'role' is already given on line 1", id="key twice"),
        pytest.param("- role\n", "gateway.yaml:1: expected keys with values, got a list", id="a list"),
        pytest.param(
            "role: [\n",
            "gateway.yaml:2: not valid YAML: while parsing a flow node; did not find expected node content",
            id="broken",
        ),
        pytest.param(
            "engine: clickhouse\n",
            "engine: clickhouse needs an address: set GATEWAY_CLICKHOUSE_URL, such as "
            "https://user:password@host:8443/database",
            id="no address",
        ),
    ],
)
def test_a_problem_in_the_file_is_said_with_its_line(text: str, expected: str) -> None:
    config(text)
    assert problems() == (expected,)


def test_an_unknown_variable_is_refused_with_the_nearest_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_POPULATON", "itt")
    assert problems() == ("GATEWAY_POPULATON: no such setting. Did you mean 'GATEWAY_POPULATION'?",)


def test_the_variable_that_web_servers_set_is_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_INTERFACE", "CGI/1.1")
    assert load_settings().role == "analyst"


def test_file_environment_and_flags_are_reported_together(monkeypatch: pytest.MonkeyPatch) -> None:
    config("rol: viewer\nengine: duck\n")
    monkeypatch.setenv("GATEWAY_HOM", "x")
    monkeypatch.setenv("GATEWAY_LIMITS_ROWS", "many")
    assert problems(population="all") == (
        "gateway.yaml:1: rol: unknown key. Did you mean 'role'?",
        "gateway.yaml:2: engine: 'duck' is not one of duckdb, clickhouse. Did you mean 'duckdb'?",
        "GATEWAY_HOM: no such setting. Did you mean 'GATEWAY_HOME'?",
        "GATEWAY_LIMITS_ROWS: expected a whole number, got 'many'",
        "--population: 'all' is not one of itt, exposed.",
    )


def test_a_file_that_was_named_must_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_HOM", "x")
    assert problems(tmp_path / "none.yaml") == (
        f"{tmp_path / 'none.yaml'}: no such file",
        "GATEWAY_HOM: no such setting. Did you mean 'GATEWAY_HOME'?",
    )


def test_a_file_that_is_not_text_is_said() -> None:
    Path("gateway.yaml").write_bytes(b"role: \xff\n")
    assert problems() == ("gateway.yaml: is not UTF-8 text: byte 0xff at position 6",)


def test_an_empty_file_sets_nothing() -> None:
    config("# nothing yet\n")
    assert load_settings().role == "analyst"


_KEYS = st.sampled_from([*Settings.model_fields, *LimitSettings.model_fields, "x", "", "on", "é"])
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["itt", "1GB", "a/b"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.dictionaries(_KEYS, _VALUES, max_size=5))
def test_any_file_is_settings_or_a_contract_error(data: dict[str, object]) -> None:
    config(json.dumps(data))
    assert settings_or_problems() != ()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60))
def test_any_bytes_are_settings_or_a_contract_error(content: bytes) -> None:
    Path("gateway.yaml").write_bytes(content)
    assert settings_or_problems() != ()


def test_a_checkouts_folder_is_found_beside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.settings._PACKAGE", tmp_path / "gateway")
    for folder in (tmp_path / "gateway" / "_data" / "seeds", tmp_path / "seeds"):
        folder.mkdir(parents=True)
        (folder / "experiments.yaml").touch()
    assert resource("seeds") == tmp_path / "seeds"


def test_an_installed_wheel_has_the_folder_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.settings._PACKAGE", tmp_path / "gateway")
    (tmp_path / "seeds").mkdir()  # somebody else's folder of the same name
    packaged = tmp_path / "gateway" / "_data" / "seeds"
    packaged.mkdir(parents=True)
    (packaged / "experiments.yaml").touch()
    assert resource("seeds") == packaged


def test_a_folder_that_is_nowhere_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.settings._PACKAGE", tmp_path / "gateway")
    with pytest.raises(ContractError) as caught:
        resource("seeds")
    assert str(caught.value) == f"the folder 'seeds' is not there: no experiments.yaml in {tmp_path / 'seeds'}"
    with pytest.raises(ContractError, match=r"^no folder 'seed' comes with the gateway\. Did you mean 'seeds'\?$"):
        resource("seed")
