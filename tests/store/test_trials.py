"""The ledger of trials: each evaluation counts once, whoever counts, in any order, in any session."""

import multiprocessing
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import triplebar as tb
from triplebar.contracts.errors import ConfigError, NotFound, RegistryError
from triplebar.store.distinct import EXACT_MAX, Distinct, Keys
from triplebar.store.trials import TrialLedger

SETS = st.lists(st.integers(0, 2**64 - 1), max_size=30)


def keys(*numbers: int) -> Keys:
    return np.array(numbers, dtype=np.uint64)


def drawn(seed: int, count: int) -> Keys:
    return np.random.default_rng(seed).integers(0, 2**64, count, dtype=np.uint64)


@pytest.mark.feature("U-07")
@given(SETS, SETS, SETS)
def test_union_is_that_of_sets(one: list[int], two: list[int], three: list[int]) -> None:
    first, second, third = (Distinct.of(keys(*each)) for each in (one, two, three))
    both = first.union(second)
    assert both.count == len({*one, *two})
    assert both.to_bytes() == second.union(first).to_bytes()
    assert both.union(both).to_bytes() == both.to_bytes()
    assert both.union(third).to_bytes() == first.union(second.union(third)).to_bytes()
    assert Distinct.read(both.to_bytes()).to_bytes() == both.to_bytes()


@pytest.mark.feature("U-07")
@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_the_sketch_does_not_depend_on_the_order(seed: int, parts: int) -> None:
    whole = drawn(seed, EXACT_MAX + 500)
    pieces = [Distinct.of(each) for each in np.array_split(whole, parts)]
    union = Distinct.of(keys())
    for each in reversed(pieces):
        union = union.union(each)
    assert not union.exact
    assert union.to_bytes() == Distinct.of(whole).to_bytes()
    assert union.union(Distinct.of(whole[:900])).to_bytes() == union.to_bytes()
    assert Distinct.read(union.to_bytes()).count == union.count


@pytest.mark.feature("U-07")
@pytest.mark.parametrize("count", [EXACT_MAX + 1, 40_000, 200_000])
def test_the_sketch_is_near(count: int) -> None:
    assert Distinct.of(drawn(count, EXACT_MAX)).count == EXACT_MAX
    found = [Distinct.of(drawn(seed, count)).count / count - 1 for seed in range(4)]
    assert max(map(abs, found)) < 0.035  # four times 0.8 %
    assert abs(np.mean(found)) < 0.017


def test_full_registers_are_read_too() -> None:
    full = Distinct(None, np.full(1 << 14, 51, dtype=np.uint8))
    half = Distinct(None, np.repeat(np.array([50, 51], dtype=np.uint8), 1 << 13))
    nearly = Distinct(None, np.full(1 << 14, 50, dtype=np.uint8))
    assert full.count == 2**64
    assert half.count > nearly.count > 2**60
    assert Distinct(None, np.zeros(1 << 14, dtype=np.uint8)).count == 0


def test_a_damaged_count_is_told() -> None:
    for data in (b"", b"k123", b"r123", b"x"):
        with pytest.raises(RegistryError, match="a count of trials cannot be read"):
            Distinct.read(data)


@pytest.mark.feature("U-07")
def test_each_evaluation_counts_once_across_sessions(tmp_path: Path) -> None:
    for session in range(3):
        with TrialLedger(tmp_path / "runs.db") as ledger:
            count = ledger.add("data", "f", "Cross", keys(1, 2, 3, 10 + session))
        assert count == 4 + session
    with TrialLedger(tmp_path / "runs.db") as ledger:
        ledger.add("data", "g", "Other", keys(1))
        ledger.add("other data", "f", "Cross", keys(1, 2))
        found = ledger.of("data")
        assert [(each.strategy, each.trials, each.evaluations, each.exact) for each in found] == [
            ("Cross", 6, 12, True),
            ("Other", 1, 1, True),
        ]
        assert found[0].first_ns < found[0].last_ns
        assert ledger.data() == ["other data", "data"]
        assert ledger.elsewhere("data", "f") == 1
        assert ledger.elsewhere("data", "g") == 6
        ledger.measured("data", "f", 0.5)
        assert ledger.of("data")[0].effective == 3.5
        assert ledger.elsewhere("data", "g") == 3.5
        assert ledger.of("nothing") == []


def _count(path: str, seed: int) -> None:
    with TrialLedger(path) as ledger:
        for part in np.array_split(drawn(seed, 60), 20):
            ledger.add("data", "f", "Cross", part)


@pytest.mark.feature("U-07")
def test_two_processes_count_into_one_store(tmp_path: Path) -> None:
    path = str(tmp_path / "runs.db")
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_count, args=(path, seed)) for seed in (1, 2)]
    for each in others:
        each.start()
    for each in others:
        each.join()
        assert each.exitcode == 0
    with TrialLedger(path) as ledger:
        assert (ledger.of("data")[0].trials, ledger.of("data")[0].evaluations) == (120, 120)


@pytest.mark.feature("U-07")
@settings(max_examples=6)
@given(st.dictionaries(st.sampled_from("ab"), SETS), st.dictionaries(st.sampled_from("ab"), SETS))
def test_merging_is_commutative_and_idempotent(
    tmp_path_factory: pytest.TempPathFactory, left: dict[str, list[int]], right: dict[str, list[int]]
) -> None:
    folder = tmp_path_factory.mktemp("ledgers")
    ledgers = {}
    for name, content in (("one", left), ("two", right), ("one again", left), ("two again", right)):
        ledgers[name] = TrialLedger(folder / f"{name}.db")
        for family, numbers in content.items():
            ledgers[name].add("data", family, family.upper(), keys(*numbers))
    ledgers["one"].merge(ledgers["two"])
    ledgers["two again"].merge(ledgers["one again"])
    ledgers["one"].merge(ledgers["two"])
    seen = [
        [(each.family, each.trials, each.evaluations) for each in ledgers[name].of("data")]
        for name in ("one", "two again")
    ]
    assert seen[0] == seen[1]
    wanted = {name: len({*left.get(name, ()), *right.get(name, ())}) for name in {*left, *right}}
    assert {family: trials for family, trials, _ in seen[0]} == wanted
    for each in ledgers.values():
        each.close()


def test_merging_takes_the_smaller_correlation(tmp_path: Path) -> None:
    with TrialLedger(tmp_path / "a.db") as one, TrialLedger(tmp_path / "b.db") as two:
        for ledger, share in ((one, None), (two, 0.25)):
            ledger.add("data", "f", "Cross", keys(1))
            if share is not None:
                ledger.measured("data", "f", share)
        one.merge(two)
        assert one.of("data")[0].correlation == 0.25
        one.measured("data", "f", 0.1)
        one.merge(two)
        assert one.of("data")[0].correlation == 0.1


def test_data_is_found_by_how_its_digest_begins(tmp_path: Path) -> None:
    with TrialLedger(tmp_path / "runs.db") as ledger:
        with pytest.raises(NotFound, match=r"no trial is known on data 'ab'; sweep with store=... first"):
            ledger.find("ab")
        for digest in ("abcd", "abef"):
            ledger.add(digest, "f", "Cross", keys(1))
        assert ledger.find("abc") == "abcd"
        with pytest.raises(NotFound, match="2 data sets begin so on data 'ab'"):
            ledger.find("ab")
        with pytest.raises(ConfigError, match="correlation = 2"):
            ledger.measured("abcd", "f", 2)


YEAR = tb.Market.synthetic(bars=100, seed=1, interval="1d")


def cut(market: tb.Market, first: int, last: int) -> tb.Market:
    """The bars from one place in the year to before another."""
    clock = [*YEAR.clock.tolist(), None]
    return market.between(clock[first], clock[last])


QUARTERS = [cut(YEAR, first, first + 25) for first in range(0, 100, 25)]


def shown(ledger: TrialLedger, market: tb.Market) -> list[tuple[str, int, int]]:
    return [(each.strategy, each.trials, each.shared) for each in ledger.of(market.digest)]


@pytest.mark.feature("U-07")
def test_trials_on_a_window_count_on_what_it_is_cut_from_and_the_other_way_round(tmp_path: Path) -> None:
    with TrialLedger(tmp_path / "runs.db") as ledger:
        for market in (YEAR, *QUARTERS, QUARTERS[0]):
            ledger.relate(market)
        ledger.add(QUARTERS[1].digest, "f", "Cross", keys(1, 2))
        assert ledger.data() == [YEAR.digest]  # on which nothing was tried itself
        assert ledger.find(YEAR.digest[:9]) == YEAR.digest
        assert ledger.find(QUARTERS[1].digest[:9]) == QUARTERS[1].digest
        ledger.add(QUARTERS[0].digest, "f", "Cross", keys(1))  # on another window it is another trial
        assert [shown(ledger, each) for each in QUARTERS] == [[("Cross", 1, 0)], [("Cross", 2, 0)], [], []]
        ledger.add(YEAR.digest, "g", "Other", keys(1))
        assert shown(ledger, YEAR) == [("Cross", 3, 3), ("Other", 1, 0)]
        assert shown(ledger, QUARTERS[0]) == [("Cross", 1, 0), ("Other", 1, 1)]
        assert shown(ledger, QUARTERS[2]) == [("Other", 1, 1)]  # held out until somebody looked at the year
        assert ledger.elsewhere(QUARTERS[1].digest, "f") == 1
        assert ledger.of(YEAR.digest)[0].evaluations == 3


@pytest.mark.feature("U-07")
def test_windows_that_overlap_share_their_trials(tmp_path: Path) -> None:
    middle = cut(YEAR, 40, 60)
    same = pickle.loads(pickle.dumps(QUARTERS[0]))  # noqa: S301 - as from a file: nobody knows what it is cut from
    within = cut(same, 20, 25)
    with TrialLedger(tmp_path / "runs.db") as ledger:
        for market in (*QUARTERS, middle, within):
            ledger.relate(market)
        ledger.add(middle.digest, "f", "Cross", keys(1, 2, 3))
        ledger.add(within.digest, "f", "Cross", keys(1))
        assert [shown(ledger, each) for each in QUARTERS] == [
            [("Cross", 1, 1)],
            [("Cross", 3, 3)],
            [("Cross", 3, 3)],
            [],
        ]
        assert [shown(ledger, each) for each in (YEAR, middle, within)] == [
            [("Cross", 4, 4)],
            [("Cross", 3, 0)],
            [("Cross", 1, 0)],
        ]
        assert ledger.data() == [YEAR.digest]
        with TrialLedger(tmp_path / "other.db") as other:
            other.merge(ledger)
            other.merge(ledger)
            assert shown(other, YEAR) == [("Cross", 4, 4)]


def test_how_much_trials_are_alike_is_what_was_measured_nearest(tmp_path: Path) -> None:
    first, second = QUARTERS[:2]
    with TrialLedger(tmp_path / "runs.db") as ledger:
        for market, share in ((first, 0.5), (second, 0.25)):
            ledger.relate(market)
            ledger.add(market.digest, "f", "Cross", keys(1, 2))
            assert ledger.of(YEAR.digest)[0].correlation is None or share == 0.25
            ledger.measured(market.digest, "f", share)
        assert ledger.of(YEAR.digest)[0].correlation == 0.25
        ledger.add(YEAR.digest, "f", "Cross", keys(1, 2))
        assert ledger.of(YEAR.digest)[0].correlation is None  # all of them count until somebody measures
        ledger.measured(YEAR.digest, "f", 0.75)
        assert ledger.of(YEAR.digest)[0].correlation == 0.75
        assert ledger.of(YEAR.digest)[0].effective == 0.75 + 0.25 * 6
