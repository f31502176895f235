"""JSON lines: one object a line with `ts`, `level`, `logger`, `message`, and whatever else was given."""

from __future__ import annotations

import json
import logging
import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final, TextIO

from triplebar.contracts.errors import ConfigError
from triplebar.contracts.telemetry.redaction import redact, redact_text

ROOT: Final = "triplebar"
FILE_BYTES_MAX: Final = 10 * 1024 * 1024
FILES_KEPT: Final = 5
LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_RESERVED: Final = frozenset({"ts", "level", "logger", "message"})
_FIELDS: Final = "triplebar_fields"


class JsonLineFormatter(logging.Formatter):
    """Write each record as one line of JSON, without secrets.

    >>> record = logging.LogRecord("triplebar.run", logging.INFO, "", 0, "key %s", ("api_key=abc",), None)
    >>> json.loads(JsonLineFormatter().format(record))["message"]
    'key api_key=***'
    """

    def __init__(self, secrets: tuple[str, ...] = ()) -> None:
        """`secrets` are texts that must never be written, whatever they look like."""
        super().__init__()
        self.secrets = tuple(sorted((each for each in secrets if each), key=len, reverse=True))

    def format(self, record: logging.LogRecord) -> str:
        """Build the line."""
        line: dict[str, Any] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": redact_text(record.getMessage(), self.secrets),
        }
        fields = redact(getattr(record, _FIELDS, {}), self.secrets)
        line.update({f"field_{name}" if name in _RESERVED else name: value for name, value in fields.items()})
        if record.exc_info:
            line["exception"] = redact_text(self.formatException(record.exc_info), self.secrets)
        return json.dumps(_jsonable(line), default=lambda value: redact_text(str(value), self.secrets))


def _jsonable(value: Any) -> Any:  # noqa: ANN401 - any value can be logged
    """JSON has no infinity and no NaN: they become texts."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _jsonable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_jsonable(each) for each in value]
    return value


def configure(
    level: str = "INFO", *, stream: TextIO | None = None, file: str | Path | None = None, secrets: tuple[str, ...] = ()
) -> logging.Logger:
    """Send the log of triplebar to a stream (standard error if nothing is given) or to a rotating file.

    Calling it again replaces what was set before; loggers of other packages are left alone.

    >>> import io
    >>> out = io.StringIO()
    >>> configure("INFO", stream=out).name
    'triplebar'
    >>> emit("triplebar.run", "INFO", "done", event="run_finished", bars=3)
    >>> sorted(json.loads(out.getvalue()))
    ['bars', 'event', 'level', 'logger', 'message', 'ts']
    >>> _ = close()
    """
    if level not in LEVELS:
        raise ConfigError.of("log_level", level, f"must be one of {', '.join(LEVELS)}", fix="write e.g. 'INFO'")
    logger = close()
    handler: logging.Handler = (
        logging.StreamHandler(stream or sys.stderr)
        if file is None
        else RotatingFileHandler(file, maxBytes=FILE_BYTES_MAX, backupCount=FILES_KEPT, encoding="utf-8")
    )
    handler.setFormatter(JsonLineFormatter(secrets))
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
    return logger


def close() -> logging.Logger:
    """Take back what `configure` set."""
    logger = logging.getLogger(ROOT)
    for handler in list(logger.handlers):
        if isinstance(handler.formatter, JsonLineFormatter):
            logger.removeHandler(handler)
            handler.close()
    logger.setLevel(logging.NOTSET)
    logger.propagate = True
    return logger


def emit(logger: str, level: str, message: str, /, **fields: Any) -> None:  # noqa: ANN401 - any value can be logged
    """Write a line with fields."""
    number = logging.getLevelNamesMapping()[level.upper()]
    logging.getLogger(logger).log(number, "%s", message, extra={_FIELDS: fields})


class LoggingTelemetry:
    """A `TelemetryPort` that writes everything as JSON lines.

    >>> LoggingTelemetry().name
    'triplebar'
    """

    def __init__(self, name: str = ROOT) -> None:
        """Write under the name of a logger."""
        self.name = name

    def log(self, level: str, message: str, **fields: Any) -> None:  # noqa: ANN401 - any value can be logged
        """Write a line."""
        emit(self.name, level, message, **fields)

    def metric(self, name: str, value: float, **labels: str) -> None:
        """Report a number."""
        emit(self.name, "INFO", name, event="metric", value=value, labels=labels)

    def emit_event(self, event: str, **fields: Any) -> None:  # noqa: ANN401 - any value can be logged
        """Report that something happened."""
        emit(self.name, "INFO", event, **{**fields, "event": event})

    @contextmanager
    def start_span(self, name: str, **fields: Any) -> Iterator[None]:  # noqa: ANN401 - any value can be logged
        """Time a piece of work; the line is written when it ends, also by an error."""
        began = time.perf_counter()
        failed = True
        try:
            yield
            failed = False
        finally:
            took = round(time.perf_counter() - began, 6)
            own = {"event": "span", "duration_s": took, "failed": failed}
            emit(self.name, "ERROR" if failed else "INFO", name, **{**fields, **own})
