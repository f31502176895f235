"""Every public name says what it is and shows an example that runs (the doctests run it)."""

import inspect
from types import ModuleType

import triplebar


def undocumented(name: str, value: object) -> str | None:
    """Say what a public name lacks: a description, or an example."""
    if isinstance(value, str):  # the version
        return None
    text = inspect.getdoc(value) or ""
    if not text:
        return f"{name}: no description"
    if isinstance(value, ModuleType) or _has_example(value, text):
        return None
    return f"{name}: no example"


def _has_example(value: object, text: str) -> bool:
    own = (
        [member.__doc__ or "" for member in vars(value).values() if callable(member)] if inspect.isclass(value) else []
    )
    return ">>>" in text or any(">>>" in part for part in own)


def test_every_public_name_has_a_description_and_an_example() -> None:
    names = triplebar.__all__
    assert len(names) >= 15
    assert not [fault for name in names if (fault := undocumented(name, getattr(triplebar, name)))]


def test_a_missing_example_is_noticed() -> None:
    def bare() -> None:
        pass

    def described() -> None:
        """Do nothing."""

    def shown() -> None:
        """Do nothing.

        >>> 1 + 1
        2
        """

    faults = [undocumented(value.__name__, value) for value in (bare, described, shown)]
    assert faults == ["bare: no description", "described: no example", None]
