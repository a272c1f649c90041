"""The model folder as values: which models there are, what each one reads, and the order that follows.

A model is a Jinja text that knows ref(), source() and var() and nothing else, so the folder is a dbt project too.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from gateway.errors import ContractError
from gateway.problems import did_you_mean

FOLDERS = ("staging", "intermediate", "marts")
PROJECT_FILE = "dbt_project.yml"
SCHEMA_FILE = "schema.yml"
HINT = "Correct the files named and build again."


@dataclass(frozen=True, slots=True)
class Model:
    """One model file: the table it makes, and the statement that makes it."""

    name: str
    file: str
    """Path inside the model folder: what messages name."""
    sql: str
    """Rendered SELECT in DuckDB's dialect."""
    refs: tuple[str, ...] = ()
    """Models it reads, in the order of first use."""
    sources: tuple[str, ...] = ()
    """Source tables it reads."""
    is_view: bool = False
    """Made as a view, as dbt_project.yml says; the others are tables."""


@dataclass(frozen=True, slots=True)
class Project:
    """A readable model folder."""

    models: tuple[Model, ...]
    """In build order: every model after all that it reads."""
    variables: Mapping[str, Any]
    schema: Mapping[str, Any]
    """schema.yml: sources, and the checks of every table."""


def load_project(marts_sql: Path) -> Project:
    """Read, render and order the models. Raises ContractError with every problem found."""
    settings = _mapping(marts_sql / PROJECT_FILE)
    variables = settings.get("vars", {})
    views = frozenset(_views(settings.get("models", {})))
    schema = _mapping(marts_sql / SCHEMA_FILE)
    declared = frozenset(
        (source["name"], table["name"]) for source in schema.get("sources", ()) for table in source.get("tables", ())
    )
    files = sorted(file for folder in FOLDERS for file in (marts_sql / folder).rglob("*.sql"))
    if not files:
        raise ContractError(f"no model files under {marts_sql}", hint=f"They live in {', '.join(FOLDERS)}.")
    problems: list[str] = []
    rendered = [_render(file, marts_sql, variables, declared, problems) for file in files]
    models = [replace(model, is_view=model.name in views) for model in rendered]
    problems += _duplicates(models)
    problems += _unknown_refs(models)
    if problems:
        raise ContractError("the model files do not fit together", problems=tuple(problems), hint=HINT)
    return Project(_in_order(models), variables, schema)


def _mapping(file: Path) -> dict[str, Any]:
    """A YAML file whose top is a mapping."""
    import yaml  # the build reads YAML; importing this package should not

    try:
        # The C loader where PyYAML has it: the pure one costs more than building a small warehouse.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        found = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both loaders are safe ones
    except OSError as error:
        raise ContractError(f"{file} cannot be read: {error.strerror}", hint="Is this the model folder?") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractError(f"{file.name} is not YAML: {error}", hint=HINT) from error
    if not isinstance(found, dict):
        raise ContractError(f"{file.name} holds no keys", hint=HINT)
    return found


def _views(configured: Mapping[str, Any]) -> Iterator[str]:
    """Names that dbt_project.yml configures as views, at any depth; folders are tables."""
    for name, below in configured.items():
        if isinstance(below, Mapping):
            if below.get("+materialized") == "view":
                yield name
            yield from _views(below)


def _render(
    file: Path, root: Path, variables: Mapping[str, Any], declared: frozenset[tuple[str, str]], problems: list[str]
) -> Model:
    """One model, rendered; what is wrong with it is added to `problems`."""
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    where = file.relative_to(root).as_posix()
    refs: dict[str, None] = {}
    sources: dict[str, None] = {}

    def ref(name: str) -> str:
        refs[name] = None
        return name

    def source(group: str, table: str) -> str:
        if (group, table) not in declared:
            problems.append(f"{where}: no source {group}.{table} in {SCHEMA_FILE}")
        sources[table] = None
        return table

    def var(name: str) -> Any:
        if name not in variables:
            problems.append(f"{where}: no variable {name!r} in {PROJECT_FILE}.{did_you_mean(name, variables)}")
        return variables.get(name)

    # SQL is not HTML: escaping would corrupt it, and the sandbox keeps a model to its three functions.
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.globals = {"ref": ref, "source": source, "var": var}
    try:
        sql = environment.from_string(file.read_text(encoding="utf-8")).render()
    except (TemplateError, TypeError) as error:
        problems.append(f"{where}: {error}")
        sql = ""
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{where}: cannot be read: {error}")
        sql = ""
    return Model(file.stem, where, sql.strip(), tuple(refs), tuple(sources))


def _duplicates(models: Iterable[Model]) -> list[str]:
    first: dict[str, str] = {}
    problems = []
    for model in models:
        if model.name in first:
            problems.append(f"{model.file}: {first[model.name]} already makes a table named {model.name}")
        first.setdefault(model.name, model.file)
    return problems


def _unknown_refs(models: list[Model]) -> list[str]:
    names = [model.name for model in models]
    return [
        f"{model.file}: ref({name!r}) names no model.{did_you_mean(name, names)}"
        for model in models
        for name in model.refs
        if name not in names
    ]


def _in_order(models: list[Model]) -> tuple[Model, ...]:
    """Every model after what it reads; files that depend on nothing new keep their alphabetical order."""
    by_name = {model.name: model for model in models}
    try:
        order = tuple(TopologicalSorter({model.name: model.refs for model in models}).static_order())
    except CycleError as error:
        chain = " → ".join(reversed(error.args[1]))
        message = f"the models read each other in a circle: {chain}"
        raise ContractError(message, hint="Break it: one ref() must go.") from error
    return tuple(by_name[name] for name in order)
