"""How files of bars are read, as options of the command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from triplebar.contracts.errors import ConfigError
from triplebar.contracts.suggest import hint
from triplebar.data.columns import ALL


def reading(time_zone: str | None, columns: Iterable[str] | None, *, sort: bool) -> dict[str, Any]:
    """Build the keywords of the import from the options.

    >>> reading("UTC", ["close=Adj Close"], sort=False)
    {'time_zone': 'UTC', 'columns': {'close': 'Adj Close'}}
    """
    found: dict[str, Any] = {}
    if time_zone is not None:
        found["time_zone"] = time_zone
    if columns:
        found["columns"] = dict(_pair(each) for each in columns)
    if sort:
        found["sort"] = True
    return found


def _pair(text: str) -> tuple[str, str]:
    ours, sign, theirs = text.partition("=")
    if not (sign and theirs):
        raise ConfigError(f"{text!r} is not ours=theirs", where="--column", fix="write --column close='Adj Close'")
    if ours not in ALL:
        raise ConfigError(f"{ours!r} is not a column of bars", where="--column", fix=hint(ours, ALL))
    return ours, theirs
