"""Secrets never reach a log: values under telling names, and texts that look like keys, are blotted out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

BLOT: Final = "***"

TELLING: Final = re.compile(
    r"(api[_-]?key|secret|passw(or)?d|passphrase|private[_-]?key|mnemonic|seed[_-]?phrase|credential|authorization"
    r"|(^|[_-])token($|[_-])|access[_-]?token|bearer|cookie|signature)",
    re.IGNORECASE,
)
"""Names whose values are secret."""

PATTERNS: Final = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {BLOT}"),
    (
        re.compile(
            r"(?i)\b([\w-]*(?:api[_-]?key|secret|passw(?:or)?d|passphrase|private[_-]?key|access[_-]?token)[\w-]*)"
            r"(['\"]?\s*[=:]\s*['\"]?)[^\s'\",;&}]+"
        ),
        rf"\1\2{BLOT}",
    ),
    (re.compile(r"(?i)\b(https?://[^\s:/@]+:)[^\s@/]+@"), rf"\1{BLOT}@"),
    (re.compile(r"\b0x[0-9a-fA-F]{64}\b"), BLOT),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL), BLOT),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"), BLOT),
)
"""Texts that look like secrets wherever they stand."""


def redact_text(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Blot out what looks like a secret, and the given secrets themselves.

    >>> redact_text("api_key=abc123 for the feed")
    'api_key=*** for the feed'
    """
    for secret in secrets:
        text = text.replace(secret, BLOT)
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact(value: Any, secrets: tuple[str, ...] = (), depth: int = 8) -> Any:  # noqa: ANN401 - any value can be logged
    """Blot out secrets in a value, also inside mappings and lists.

    >>> redact({"api_key": "abc", "rows": 3})
    {'api_key': '***', 'rows': 3}
    """
    if depth == 0:
        return BLOT
    if isinstance(value, str):
        return redact_text(value, secrets)
    if isinstance(value, Mapping):
        return {
            redact_text(str(key), secrets): BLOT if TELLING.search(str(key)) else redact(each, secrets, depth - 1)
            for key, each in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [redact(each, secrets, depth - 1) for each in value]
    return value
