"""What the floor does with every setting of a strict run; a guest changes the lines in which it differs."""

from __future__ import annotations

from typing import Final

from triplebar.engines.guests.treatment import Plan, Treatment, Way


def _by_adapter(note: str, *names: str) -> Plan:
    return {name: Treatment(Way.ADAPTER, note) for name in names}


def _by_guest(note: str, *names: str) -> Plan:
    return {name: Treatment(Way.GUEST, note) for name in names}


def _no_matter(note: str, *names: str) -> Plan:
    return {name: Treatment(Way.NO_MATTER, note) for name in names}


FLOOR_PLAN: Final[Plan] = {
    **_no_matter("it says by which rules the settings were made", "Settings.rules_version"),
    **_by_adapter("draws of the floor (S-54, S-56, S-57)", "Settings.seed", "Settings.miss_ppb", "Settings.partial_ppb",
                  "Settings.partial_low_ppb", "Settings.partial_high_ppb"),
    **_by_adapter("orders reach the guest when they arrive (S-20, S-57)", "Settings.fill", "Settings.latency_min_ns",
                  "Settings.latency_max_ns"),
    **_by_adapter("the guest is shown the points of the path in this order (S-11)", "Settings.path"),
    **_by_adapter("prices and sizes are put on the grid before they are sent (S-02)", "Settings.off_grid",
                  "InstrumentSettings.price_precision", "InstrumentSettings.size_precision",
                  "InstrumentSettings.price_step", "InstrumentSettings.size_step", "InstrumentSettings.quantity_min",
                  "InstrumentSettings.quantity_max", "InstrumentSettings.notional_min"),
    **_by_adapter("orders are refused before they are sent (S-04, S-32)", "Settings.start_ns", "Settings.warmup_bars"),
    **_by_adapter("the floor has the guest close positions (S-81)", "Settings.close_at_end"),
    **_by_guest("money is counted in minor units", "Settings.cash_precision", "Settings.cash",
                "InstrumentSettings.unit"),
    **_by_adapter("each currency has its own cash (S-74)", "Settings.currencies", "Settings.rates",
                  "InstrumentSettings.currency"),
    **_no_matter("its fields have their own lines", "Settings.account", "Settings.risk", "Settings.instruments",
                 "InstrumentSettings.commission"),
    **_by_adapter("the gate is asked before the guest fills (S-60 to S-66)", "AccountSettings.kind",
                  "AccountSettings.leverage_milli", "AccountSettings.maintenance_ppb", "RiskSettings.trading_enabled",
                  "RiskSettings.gross_ppb", "RiskSettings.net_ppb", "RiskSettings.drawdown_total_ppb",
                  "RiskSettings.drawdown_daily_ppb", "RiskSettings.position_ppb", "RiskSettings.long_ppb",
                  "RiskSettings.short_ppb", "RiskSettings.positions", "InstrumentSettings.position_limit_lots",
                  "InstrumentSettings.position_limit_minor"),
    **_by_guest("the guest's name for the instrument", "InstrumentSettings.symbol"),
    **_by_adapter("the size of a fill is cut before the guest makes it (S-55)", "InstrumentSettings.participation_ppb"),
    **_by_adapter("each side is shown the path shifted by the half spread (S-24)",
                  "InstrumentSettings.half_spread_ticks", "InstrumentSettings.half_spread_ppb"),
    **_by_adapter("added to the price at which the guest has matched a taker (S-50, S-52)",
                  "InstrumentSettings.slippage_ticks", "InstrumentSettings.slippage_ppb",
                  "InstrumentSettings.impact_ppb", "InstrumentSettings.root_coefficient",
                  "InstrumentSettings.root_free"),
    **_by_guest("the fee of S-53, charged through the guest's model of commissions", "CommissionSettings.fixed",
                "CommissionSettings.maker_ppb", "CommissionSettings.taker_ppb", "CommissionSettings.per_unit_minor",
                "CommissionSettings.minimum", "CommissionSettings.maximum_ppb", "CommissionSettings.tiers"),
    **_by_adapter("booked at the guest as money from outside (S-72, S-73)", "InstrumentSettings.funding",
                  "InstrumentSettings.borrow_ppb"),
    **_by_adapter("the length of a bar, for what arrives within it (S-57)", "InstrumentSettings.interval_ns"),
    **_no_matter("`run` has made the strategy, the market and the settings from it before the guest sees them",
                 "RunRequest.strategy", "RunRequest.parameters", "RunRequest.data", "RunRequest.symbols",
                 "RunRequest.interval", "RunRequest.config", "RunRequest.snapshot_id"),
    **_by_adapter("`run` chooses the engine by it, and the engine how it runs", "RunRequest.engine",
                  "RunRequest.fidelity"),
    **_by_adapter("the strategy is called in Python, bar by bar; other modes are refused by `run`", "RunRequest.mode"),
}  # fmt: skip
"""A treatment for every setting there is."""
