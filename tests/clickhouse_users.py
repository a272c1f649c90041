"""What `gateway semantic grants` prints, put in force on a real engine.

The embedded engine has no storage for users made by SQL, and one user only; its configuration says what that one may
do. So the printed statements are turned into it, word for word: grants, row policies, settings with constraints, quota.
Everything that is not known here fails, so that nothing printed goes untried.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

_HEAD = "<clickhouse>{}</clickhouse>"
_SETTING = re.compile(r"(\w+) = ('[^']*'|[0-9.]+)(?: MIN ([0-9.]+) MAX ([0-9.]+) CHANGEABLE_IN_READONLY| (CONST))")
_POLICY = re.compile(
    r"CREATE ROW POLICY OR REPLACE \S+ ON `?(\w+)`?\.`?(\w+)`?\s+"
    r"FOR SELECT USING (.+) AS (RESTRICTIVE|PERMISSIVE) TO (\S+)"
)
_QUOTA = re.compile(r"FOR INTERVAL 1 hour MAX queries = (\d+), execution_time = (\d+)")
_ELSEWHERE = re.compile(
    r"(CREATE SETTINGS PROFILE IF NOT EXISTS|(CREATE|ALTER) ROLE|DROP ROW POLICY|CREATE USER|ALTER USER|REVOKE ALL ON "
    r"|GRANT `\w+` TO)"
)
"""What the configuration says by its shape: that there is a user, who has this role, profile and quota alone."""


def config_for(statements: Iterable[str], folder: Path) -> str:
    """The address of an engine on `folder` whose user is the printed one."""
    parts: dict[str, list[str]] = {"profile": [], "grants": [], "policies": [], "quota": []}
    for statement in statements:
        kind, made = _translated(statement)
        if kind:
            parts[kind].append(made)
    users = folder.with_name(folder.name + "-users.xml")
    users.write_text(_HEAD.format(_users(parts)), encoding="utf-8")
    config = folder.with_name(folder.name + "-config.xml")
    config.write_text(_HEAD.format(f"<users_config>{users}</users_config>"), encoding="utf-8")
    return f"{folder}?config-file={config}"


def _users(parts: dict[str, list[str]]) -> str:
    policies = "".join(dict.fromkeys(parts["policies"]))  # both kinds of policy have one condition
    return (
        f"<profiles><default/><printed>{''.join(parts['profile'])}</printed></profiles>"
        f"<roles><printed><grants>{''.join(parts['grants'])}</grants></printed></roles>"
        "<users><default><no_password/><networks><ip>::/0</ip></networks><profile>printed</profile><quota>printed</quota>"
        f"<grants><query>GRANT printed</query></grants><databases>{policies}</databases></default></users>"
        f"<quotas><printed>{''.join(parts['quota'])}</printed></quotas>"
    )


def _translated(statement: str) -> tuple[str, str]:
    if statement.startswith("ALTER SETTINGS PROFILE"):
        return "profile", _profile(statement)
    if policy := _POLICY.fullmatch(statement):
        database, table, condition, _, holder = policy.groups()
        assert holder.endswith("_role`"), statement
        return "policies", f"<{database}><{table}><filter>{escape(condition)}</filter></{table}></{database}>"
    if statement.startswith("GRANT\n"):
        return "grants", "".join(f"<query>GRANT {escape(part)}</query>" for part in _granted(statement))
    if quota := _QUOTA.search(statement):
        return "quota", (
            f"<interval><duration>3600</duration><queries>{quota[1]}</queries>"
            f"<execution_time>{quota[2]}</execution_time></interval>"
        )
    assert _ELSEWHERE.match(statement), f"nobody tried this: {statement}"
    return "", ""


def _granted(statement: str) -> Iterator[str]:
    body, _, tail = statement.removeprefix("GRANT\n").rpartition("\nTO ")
    assert re.fullmatch(r"`\w+_role` WITH REPLACE OPTION", tail), statement
    yield from (line.strip().removesuffix(",") for line in body.splitlines())


def _profile(statement: str) -> str:
    lines = [line.strip().removesuffix(",") for line in statement.splitlines()[1:]]
    settings = [match for line in lines if (match := _SETTING.fullmatch(line))]
    assert len(settings) == len(lines), statement
    values = "".join(f"<{found[1]}>{found[2].strip(chr(39))}</{found[1]}>" for found in settings)
    constraints = "".join(f"<{found[1]}>{_constraint(found)}</{found[1]}>" for found in settings)
    return f"{values}<constraints>{constraints}</constraints>"


def _constraint(found: "re.Match[str]") -> str:
    """The embedded engine knows no `changeable_in_readonly`, which leaves less there than on a server, never more."""
    return "<const/>" if found[5] else f"<min>{found[3]}</min><max>{found[4]}</max>"
