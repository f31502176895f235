"""Many sources in one order of time."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.tables import DAY, good, two
from triplebar.contracts.errors import DataError
from triplebar.data.merge import by_span, merge, merge_chunks


def stamped(times: list[int], source: int) -> pa.Table:
    rows = [f"{source}-{row}" for row in range(len(times))]
    return pa.table({"time": pa.array(times, pa.int64()), "name": pa.array(rows, pa.string())})


def oracle(streams: list[list[int]]) -> list[tuple[int, str]]:
    rows = [(time, source, row) for source, times in enumerate(streams) for row, time in enumerate(times)]
    return [(time, f"{source}-{row}") for time, source, row in sorted(rows)]


def listed(table: pa.Table) -> list[tuple[int, str]]:
    return list(zip(table["time"].to_pylist(), table["name"].to_pylist(), strict=True))


STREAMS = st.lists(st.lists(st.integers(0, 30), max_size=12).map(sorted), min_size=1, max_size=4)


@pytest.mark.feature("F-026")
@given(STREAMS)
def test_a_merge_is_sorted_stable_and_complete(streams: list[list[int]]) -> None:
    assert listed(merge(stamped(times, source) for source, times in enumerate(streams))) == oracle(streams)


@pytest.mark.feature("F-026", "F-027")
@settings(max_examples=50)
@given(STREAMS, st.data())
def test_merging_in_chunks_is_the_same(streams: list[list[int]], data: st.DataObject) -> None:
    def chunked(table: pa.Table) -> Iterator[pa.Table]:
        size = data.draw(st.integers(1, 5))
        yield table.slice(0, 0)
        for start in range(0, table.num_rows, size):
            yield table.slice(start, size)

    chunks = list(merge_chunks(chunked(stamped(times, source)) for source, times in enumerate(streams)))
    assert [row for chunk in chunks for row in listed(chunk)] == oracle(streams)
    assert all(chunk.num_rows for chunk in chunks)


def test_chunks_are_read_only_as_they_are_needed() -> None:
    read: list[tuple[int, int]] = []

    def endless(source: int, step: int) -> Iterator[pa.Table]:
        for number in range(10**9):
            read.append((source, number))
            yield pa.table({"time": [(10 * number + row) * step for row in range(10)]})

    merged = merge_chunks([endless(0, 1), endless(1, 100)])
    for _ in range(20):
        next(merged)
    assert max(number for source, number in read if source == 1) <= 1
    assert len(read) < 40


def test_an_unsorted_stream_is_refused() -> None:
    with pytest.raises(DataError, match="stream 1: is not in order of time; sort it, or use merge"):
        list(merge_chunks([[stamped([1, 2], 0)], [stamped([5], 1), stamped([4], 1)]]))
    with pytest.raises(DataError, match="stream 0"):
        list(merge_chunks([[stamped([2, 1], 0)]]))


def test_what_cannot_be_merged_is_refused() -> None:
    with pytest.raises(DataError, match="nothing to merge"):
        merge([])
    with pytest.raises(DataError, match="there is no column 'time'"):
        merge([{"close": [1.0]}])
    with pytest.raises(DataError, match="do not have the same columns"):
        merge([{"time": [1], "x": [1.0]}, {"time": [1], "x": ["one"]}])


def test_bars_of_several_symbols() -> None:
    merged = merge([good(4, "A", 10.0), good(4, "B", 20.0)])
    assert merged.to_pylist() == two().to_pylist()
    assert merge([two().slice(0, 0), two()]).num_rows == 8


@given(st.lists(st.lists(st.integers(1, 400), max_size=6), max_size=6))
def test_spans_cut_at_their_ends(parts: list[list[int]]) -> None:
    times = sorted(time for part in parts for time in part)
    tables, start = [], 0
    for part in parts:
        tables.append(pa.table({"time": pa.array(times[start : start + len(part)], pa.int64())}))
        start += len(part)
    spans = [span["time"].to_pylist() for span in by_span(tables, 100)]
    assert [time for span in spans for time in span] == times
    assert [{(time - 1) // 100 for time in span} for span in spans] == [
        {number} for number in sorted({(time - 1) // 100 for time in times})
    ]


def test_days_are_the_usual_span() -> None:
    table = pa.table({"time": pa.array([DAY, DAY + 1, 2 * DAY], pa.timestamp("ns", "UTC"))})
    assert [span.num_rows for span in by_span([table])] == [1, 2]
