"""Runs that keep their data, and runs on data that were kept (F-032, F-033)."""

from pathlib import Path

import pytest

import triplebar as tb
from triplebar.contracts.errors import ConfigError, RegistryError, SnapshotMismatchError
from triplebar.data.snapshot_record import SnapshotRecord
from triplebar.data.snapshots import DataSnapshotRegistry
from triplebar.store.trials import TrialLedger

MARKET = tb.Market.synthetic(symbols=("A", "B"), bars=120, seed=3)
WINDOW = {"start": "2024-01-01T00:11:00Z", "end": "2024-01-01T01:41:00Z"}
CONFIG = tb.BacktestConfig.from_mapping({"commission_bps": 2, **WINDOW})


class Broken(DataSnapshotRegistry):
    """A registry whose disk has failed."""

    def create(self, market: tb.Market) -> SnapshotRecord:
        raise RegistryError("the disk has failed", where="snapshots")


@pytest.fixture
def registry(tmp_path: Path) -> DataSnapshotRegistry:
    return DataSnapshotRegistry(tmp_path / "kept")


@pytest.mark.feature("F-033")
@pytest.mark.parametrize("engine", ["custom", "reference", "backtrader"])
def test_an_adapter_keeps_the_data_of_its_runs(registry: DataSnapshotRegistry, engine: str) -> None:
    plain = tb.create_backtest_adapter(engine, None, MARKET)
    keeping = tb.create_backtest_adapter(engine, None, MARKET, snapshot_registry=registry, auto_snapshot=True)
    without, kept = plain.run(tb.samples.BuyAndHold()), keeping.run(tb.samples.BuyAndHold())
    assert without.metadata.snapshot_id is None
    assert kept.metadata.snapshot_id == registry.list_snapshots()[0].snapshot_id
    assert kept.metadata.data_digest == registry.list_snapshots()[0].data_hash
    assert (kept.result_hash, kept.run_id) == (without.result_hash, without.run_id)
    assert kept.warnings == without.warnings
    assert keeping.run(tb.samples.BuyAndHold()).metadata.snapshot_id == kept.metadata.snapshot_id
    assert registry.count() == 1


@pytest.mark.feature("F-033")
def test_a_registry_alone_keeps_nothing(registry: DataSnapshotRegistry) -> None:
    adapter = tb.create_backtest_adapter("custom", None, MARKET, snapshot_registry=registry)
    assert adapter.run(tb.samples.BuyAndHold()).metadata.snapshot_id is None
    assert registry.count() == 0


@pytest.mark.feature("F-033")
def test_a_registry_that_fails_is_a_warning(tmp_path: Path) -> None:
    plain = tb.run(tb.samples.BuyAndHold(), MARKET, CONFIG)
    failed = tb.run(tb.samples.BuyAndHold(), MARKET, CONFIG, snapshots=Broken(tmp_path))
    assert failed.warnings == (*plain.warnings, "auto_snapshot_failed:RegistryError: snapshots: the disk has failed")
    assert failed.metadata.snapshot_id is None
    assert (failed.result_hash, failed.run_id) == (plain.result_hash, plain.run_id)


@pytest.mark.feature("F-033")
def test_a_folder_that_became_a_file_is_a_warning(registry: DataSnapshotRegistry) -> None:
    registry.folder.parent.mkdir(parents=True, exist_ok=True)
    registry.folder.write_text("in the way")
    result = tb.run(tb.samples.BuyAndHold(), MARKET, CONFIG, snapshots=registry)
    assert result.warnings[0].startswith("auto_snapshot_failed:RegistryError: ")
    assert len(result.equity)


@pytest.mark.feature("F-033")
def test_what_is_no_registry_is_refused_before_anything_runs() -> None:
    with pytest.raises(ConfigError, match="snapshots = 'str': must be a registry of snapshots"):
        tb.run(tb.samples.BuyAndHold(), MARKET, snapshots="kept")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="snapshot_registry = 'str': must be a registry"):
        tb.create_backtest_adapter("custom", None, MARKET, snapshot_registry="kept")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="auto_snapshot = True: needs a registry"):
        tb.create_backtest_adapter("custom", None, MARKET, auto_snapshot=True)


@pytest.mark.feature("F-032")
def test_a_replay_is_the_run(registry: DataSnapshotRegistry) -> None:
    first = tb.run(tb.samples.MovingAverageCross(fast=3, slow=8), MARKET, CONFIG, snapshots=registry)
    snapshot_id = first.metadata.snapshot_id
    assert snapshot_id is not None
    again = tb.run(
        tb.samples.MovingAverageCross(fast=3, slow=8), None, CONFIG, snapshots=registry, snapshot_id=snapshot_id
    )
    assert tb.compare(first, again, rung=0).equal
    assert (again.result_hash, again.run_id) == (first.result_hash, first.run_id)
    assert again.metadata.snapshot_id == snapshot_id
    assert registry.get_metadata(snapshot_id).total_rows == 2 * 100  # what came after the end was not used


@pytest.mark.feature("F-032")
@pytest.mark.parametrize("policy", ["drop", "forward_fill", "interpolate", "backfill"])
def test_bars_that_a_policy_made_are_kept_as_they_were_made(registry: DataSnapshotRegistry, policy: str) -> None:
    table = MARKET.table()
    fine = [tb.Instrument(symbol, price_precision=6) for symbol in MARKET.symbols]  # for prices between two others
    holes = tb.Market.from_table(table.take([each for each in range(len(table)) if each % 17]), fine)
    config = tb.BacktestConfig(missing_data=policy)
    first = tb.run(tb.samples.BuyAndHold(), holes, config, snapshots=registry)
    kept = registry.load(first.metadata.snapshot_id or "")
    assert kept.rows != holes.rows
    again = tb.run(tb.samples.BuyAndHold(), kept, config)
    assert (again.result_hash, again.run_id) == (first.result_hash, first.run_id)


@pytest.mark.feature("F-032")
def test_an_adapter_replays_the_snapshot_that_a_request_names(registry: DataSnapshotRegistry) -> None:
    other = tb.Market.synthetic(symbols=("A", "B"), bars=60, seed=9)
    snapshot_id = registry.create(MARKET).snapshot_id
    request = tb.RunRequest.from_mapping(
        {"strategy": "triplebar.strategy.samples:BuyAndHold", "data_snapshot_id": snapshot_id, "symbols": ["B"]}
    )
    assert request.data_snapshot_id == request.snapshot_id == snapshot_id
    replaying = tb.create_backtest_adapter(
        "custom", None, other, snapshot_registry=registry, enable_snapshot_replay=True
    )
    expected = tb.run(tb.samples.BuyAndHold(), MARKET.select(["B"]))
    assert replaying.run(request).result_hash == expected.result_hash
    assert tb.run(request, snapshots=registry).result_hash == expected.result_hash
    assert replaying.run(tb.samples.BuyAndHold()).metadata.data_digest == other.digest
    plain = tb.create_backtest_adapter("custom", None, other, snapshot_registry=registry)
    assert plain.run(request).metadata.data_digest == other.digest


@pytest.mark.feature("F-032")
def test_a_replay_needs_a_registry_and_whole_data(registry: DataSnapshotRegistry) -> None:
    snapshot_id = registry.create(MARKET).snapshot_id
    request = tb.RunRequest(strategy=tb.samples.BuyAndHold, snapshot_id=snapshot_id)
    adapter = tb.create_backtest_adapter("custom", None, MARKET, enable_snapshot_replay=True)
    with pytest.raises(ValueError, match=f"{snapshot_id}: there is no registry to take the snapshot from"):
        adapter.run(request)
    with pytest.raises(ValueError, match="there is no registry"):
        tb.run(tb.samples.BuyAndHold(), snapshot_id=snapshot_id)
    for path in registry.folder.iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SnapshotMismatchError, match="was changed"):
        tb.run(tb.samples.BuyAndHold(), snapshots=registry, snapshot_id=snapshot_id)


def test_a_checkpoint_remembers_the_snapshot(registry: DataSnapshotRegistry) -> None:
    part = tb.run(tb.samples.BuyAndHold(), MARKET, snapshots=registry, until=50)
    assert part.checkpoint is not None
    assert tb.resume(part.checkpoint, MARKET).metadata.snapshot_id == part.metadata.snapshot_id is not None


def test_a_run_on_a_snapshot_is_a_trial(registry: DataSnapshotRegistry) -> None:
    ledger = TrialLedger(registry.database)
    first = tb.run(tb.samples.MovingAverageCross(fast=3, slow=8), MARKET, CONFIG, snapshots=registry)
    digest, snapshot_id = first.metadata.data_digest, first.metadata.snapshot_id
    for fast, trials in ((3, 1), (4, 2), (5, 3)):
        strategy = tb.samples.MovingAverageCross(fast=fast, slow=8)
        tb.run(strategy, None, CONFIG, snapshots=registry, snapshot_id=snapshot_id)
        assert [(each.strategy, each.trials) for each in ledger.of(digest)] == [("MovingAverageCross", trials)]
    rule = tb.signals.crossover(fast="SMA", slow="SMA")(fast=3, slow=8)
    adapter = tb.create_backtest_adapter("custom", CONFIG, MARKET, snapshot_registry=registry, auto_snapshot=True)
    assert adapter.run(rule).warnings == first.warnings
    assert [each.trials for each in ledger.of(digest)] == [3, 1]
    assert ledger.of(MARKET.digest)[0].shared == 3  # the market that the window is cut from
    request = tb.RunRequest(strategy=tb.samples.BuyAndHold, config=CONFIG, snapshot_id=snapshot_id)
    replaying = tb.create_backtest_adapter(
        "custom", CONFIG, MARKET, snapshot_registry=registry, enable_snapshot_replay=True
    )
    assert replaying.run(request).metadata.data_digest == digest
    assert sorted(each.strategy for each in ledger.of(digest)) == ["BuyAndHold", "MovingAverageCross", "rule"]
    assert tb.run(tb.samples.BuyAndHold(), MARKET).warnings == ()
    assert ledger.data() == [MARKET.digest]


class Others:
    """A registry of somebody else: it has no store."""

    def create(self, market: tb.Market) -> SnapshotRecord:
        raise NotImplementedError

    def load(self, snapshot_id: str) -> tb.Market:
        assert snapshot_id == "theirs"
        return MARKET


def test_a_trial_that_cannot_be_counted_is_a_warning(
    registry: DataSnapshotRegistry,
) -> None:
    plain = tb.run(tb.samples.BuyAndHold(), MARKET)
    theirs = tb.run(tb.samples.BuyAndHold(), snapshots=Others(), snapshot_id="theirs")
    assert theirs.warnings == plain.warnings
    snapshot_id = registry.create(MARKET).snapshot_id
    with registry.database.writing() as connection:
        connection.execute("drop table trials")
    result = tb.run(tb.samples.BuyAndHold(), snapshots=registry, snapshot_id=snapshot_id)
    assert result.warnings[0].startswith("trial_not_counted:")
    assert result.result_hash == plain.result_hash
