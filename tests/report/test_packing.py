"""What is packed is what comes out."""

import base64
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.unpacking import decoded
from triplebar.report.packing import Pack


def unpacked(pack: Pack, name: str) -> list[float]:
    return list(decoded(zlib.decompress(base64.b64decode(pack.text())), pack.index[name]).tolist())


@given(st.lists(st.integers(-(2**29), 2**29), max_size=50), st.integers(0, 2))
def test_whole_numbers_come_out_exactly(values: list[int], steps: int) -> None:
    pack = Pack()
    pack.add_whole("before", np.arange(7))
    pack.add_whole("it", np.array(values, dtype=np.int64), steps=min(steps, 1))
    assert unpacked(pack, "it") == values
    assert unpacked(pack, "before") == list(range(7))


@given(st.lists(st.integers(-1_000_000, 1_000_000), max_size=50), st.integers(0, 4))
def test_decimals_are_kept(values: list[int], decimals: int) -> None:
    numbers = [value / 10**decimals for value in values]
    pack = Pack()
    pack.add("it", np.array(numbers))
    assert unpacked(pack, "it") == pytest.approx(numbers, abs=1e-9)


def test_times_of_even_bars_take_next_to_nothing() -> None:
    pack = Pack()
    pack.add_whole("time", np.arange(0, 60_000_000, 60), steps=2)
    assert len(pack.text()) < 10_000
    assert unpacked(pack, "time")[-1] == 59_999_940


def test_what_does_not_fit_loses_its_last_digits() -> None:
    pack = Pack()
    values = np.array([6 * 10**12 + 123_456, 6 * 10**12 - 10**9])
    pack.add_whole("ticks", values, steps=0, scale=10**8)
    assert unpacked(pack, "ticks") == pytest.approx((values / 10**8).tolist(), rel=1e-7)


def test_nothing_can_be_packed() -> None:
    pack = Pack()
    pack.add("nothing", np.zeros(0))
    assert unpacked(pack, "nothing") == []
