"""What importing the kernel costs: nothing for the package, no `scipy.stats` ever."""

import subprocess
import sys

import gateway.stats


def loaded_after(code: str) -> set[str]:
    """Modules that a fresh interpreter has loaded after running this."""
    script = f"{code}\nimport sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_no_numpy() -> None:
    code = "import gateway.stats; gateway.stats.KERNEL_VERSION; gateway.stats.Statsig"
    assert not loaded_after(code) & {"numpy", "scipy"}


def test_decisions_need_no_numpy() -> None:
    assert not loaded_after("import gateway.experiments.decision") & {"numpy", "scipy"}


def test_no_name_of_the_kernel_loads_scipy_stats() -> None:
    loaded = loaded_after(
        "import gateway.stats as s\n"
        "[getattr(s, name) for name in s.__all__]\n"
        "s.compare(s.VariantStats(60, 30, 30), s.VariantStats(60, 40, 40), aggregation='occurrence')\n"
        "s.check_srm({'a': 90, 'b': 99}, {'a': 1, 'b': 1}); s.holm([0.1, 0.2])"
    )
    assert "scipy.special" in loaded
    assert "scipy.stats" not in loaded


def test_every_public_name_resolves_and_others_do_not() -> None:
    assert set(dir(gateway.stats)) == set(gateway.stats.__all__)
    assert all(getattr(gateway.stats, name) is not None for name in gateway.stats.__all__)
    assert not hasattr(gateway.stats, "p_hack")
