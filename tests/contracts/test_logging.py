"""JSON lines: every line parses, has its keys, and holds no secret."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triplebar.contracts.errors import ConfigError
from triplebar.contracts.telemetry.logging import LoggingTelemetry, close, configure, emit

KEYS = {"ts", "level", "logger", "message"}
PLANTED = "sk-live-4f9a8c7b6d5e"
WALLET = "0x" + "ab" * 32


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure("DEBUG", stream=stream, secrets=(PLANTED,))
    yield stream
    close()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.feature("F-017")
@given(
    st.text(),
    st.dictionaries(
        st.text(min_size=1),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text()
        | st.binary()
        | st.lists(st.floats())
        | st.dates(),
        max_size=5,
    ),
)
def test_every_line_parses_whatever_is_logged(message: str, fields: dict[str, Any]) -> None:
    stream = io.StringIO()
    configure("INFO", stream=stream)
    try:
        emit("triplebar.test", "INFO", message, **fields)
    finally:
        close()
    (line,) = lines(stream)
    assert set(line) >= KEYS
    assert (line["level"], line["logger"]) == ("INFO", "triplebar.test")


@pytest.mark.feature("F-017")
@pytest.mark.parametrize(
    ("message", "fields"),
    [
        (f"connecting with {PLANTED}", {}),
        ("connecting", {"url": f"https://user:{PLANTED}@host/path"}),
        ("connecting", {"api_key": PLANTED}),
        ("connecting", {"details": {"nested": [{"password": PLANTED}]}}),
        ("connecting", {PLANTED: 1}),
        ("connecting", {"error": ValueError(PLANTED)}),
        ("connecting", {"raw": PLANTED.encode()}),
        ("connecting", {"many": {"a", PLANTED}}),
    ],
)
def test_a_planted_secret_is_never_written(out: io.StringIO, message: str, fields: dict[str, Any]) -> None:
    emit("triplebar.test", "INFO", message, **fields)
    assert len(lines(out)) == 1
    assert PLANTED not in out.getvalue()


@pytest.mark.feature("F-017")
@pytest.mark.parametrize(
    "text",
    [
        "api_key=abcdef123456",
        "API-KEY: abcdef123456", '{"secret": "abcdef123456"}', "Authorization: Bearer abcdef123456",
        "https://user:abcdef123456@host", f"wallet {WALLET}", "NANSEN_API_KEY=abcdef123456", "password = abcdef123456",
        "-----BEGIN PRIVATE KEY-----\nabcdef123456\n-----END PRIVATE KEY-----",
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_is_blotted_out(out: io.StringIO, text: str) -> None:
    logging.getLogger("triplebar.feed").warning("got %s", text)
    assert "***" in out.getvalue()
    assert "abcdef123456" not in out.getvalue()
    assert WALLET not in out.getvalue()


@pytest.mark.feature("F-017")
def test_a_secret_in_an_exception_is_not_written(out: io.StringIO) -> None:
    try:
        int(PLANTED)
    except ValueError:
        logging.getLogger("triplebar.feed").exception("no data")
    (line,) = lines(out)
    assert "ValueError: invalid literal for int() with base 10: '***'" in line["exception"]
    assert PLANTED not in out.getvalue()


@pytest.mark.feature("F-017")
def test_the_fields_of_a_line(out: io.StringIO) -> None:
    emit("triplebar.run", "WARNING", "odd", event="gap", rows=3, level="high", ratio=float("nan"))
    (line,) = lines(out)
    assert line.pop("ts").endswith("Z")
    assert line == {
        "level": "WARNING", "logger": "triplebar.run", "message": "odd",
        "event": "gap", "rows": 3, "field_level": "high", "ratio": "nan",
    }  # fmt: skip


@pytest.mark.feature("F-017")
def test_the_telemetry_port_writes_lines(out: io.StringIO) -> None:
    telemetry = LoggingTelemetry("triplebar.run")
    telemetry.log("debug", "hello", step=1)
    telemetry.metric("fills", 3, symbol="X")
    telemetry.emit_event("run_started", bars=10)
    with telemetry.start_span("load", file="x.parquet"):
        pass
    with pytest.raises(KeyError), telemetry.start_span("load"):
        raise KeyError
    found = lines(out)
    assert [line.get("event") for line in found] == [None, "metric", "run_started", "span", "span"]
    assert [line.get("failed") for line in found] == [None, None, None, False, True]
    assert (found[1]["value"], found[1]["labels"]) == (3, {"symbol": "X"})


def test_configuring_again_replaces_and_levels_count(out: io.StringIO, tmp_path: Path) -> None:
    configure("ERROR", file=tmp_path / "run.log")
    emit("triplebar.run", "INFO", "quiet")
    emit("triplebar.run", "ERROR", "loud")
    close()
    assert out.getvalue() == ""
    (line,) = (tmp_path / "run.log").read_text("utf-8").splitlines()
    assert json.loads(line)["message"] == "loud"
    with pytest.raises(ConfigError, match="log_level = 'LOUD'"):
        configure("LOUD")
