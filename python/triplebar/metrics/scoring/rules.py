"""Everything that decides a score: weights, constants of formulas, thresholds; configuration, not part of the code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, Final

from triplebar.contracts import checks
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.exact import Number
from triplebar.contracts.model import FrozenMapping, Model, strict

COMPONENTS: Final = ("roi", "sharpe", "win_rate", "consistency", "smart_money", "risk_management")
"""The parts of a score, in the order of the output."""

STYLES: Final = ("high_frequency", "swing", "position")
RATE_BASES: Final = ("observed", "span", "window")
DECAYS: Final = ("exponential", "half_life")
THRESHOLDS: Final = (
    "filter_account_value",
    "filter_roi_30d_percent",
    "gate_pnl_7d",
    "gate_roi_7d_percent",
    "gate_pnl_30d",
    "gate_roi_30d_percent",
    "gate_pnl_90d",
    "gate_roi_90d_percent",
    "quality_trade_count",
    "quality_win_rate_least",
    "quality_win_rate_most",
    "quality_profit_factor",
    "trend_win_rate",
    "trend_profit_factor",
)
"""Filters and bounds of quality are met by equality, gates are not."""


def _weights() -> Mapping[str, Number]:
    return dict(zip(COMPONENTS, (0.25, 0.20, 0.15, 0.20, 0.10, 0.10), strict=True))


def _thresholds() -> Mapping[str, Number]:
    numbers = (50_000, 15, 0, 5, 10_000, 15, 50_000, 30, 50, 0.35, 0.85, 1.5, 0.20, 2.5)
    return dict(zip(THRESHOLDS, numbers, strict=True))


@strict
@dataclass(frozen=True)
class ScoreFormulas(Model):
    """The constants in the formulas of the components.

    `labels` are words and scores, the first that a label contains as a whole word counts; `leverage_steps` are bounds
    of the mean leverage and scores, the first bound that it does not exceed counts.

    >>> ScoreFormulas(roi_full_percent=50).roi_full_percent
    Decimal('50')
    """

    roi_full_percent: Number = 100
    sharpe_full: Number = 3
    win_rate_floor: Number = 0.35
    win_rate_span: Number = 0.50
    consistency_all: Number = 0.7
    consistency_bonus: Number = 0.3
    consistency_variance_full: Number = 100
    consistency_two: Number = 0.5
    consistency_else: Number = 0.2
    weeks_30d: Number = 4
    weeks_90d: Number = 12
    labels: Sequence[Sequence[Any]] = (("Fund", 1.0), ("Smart", 0.8))
    label_other: Number = 0.5
    label_none: Number = 0
    leverage_steps: Sequence[Sequence[Number]] = ((3, 1.0), (5, 0.8), (10, 0.5), (20, 0.3))
    leverage_above: Number = 0.1
    leverage_unknown: Number = 0.5

    def __post_init__(self) -> None:
        """Check everything."""
        above = ("roi_full_percent", "sharpe_full", "win_rate_span", "consistency_variance_full")
        for name in (*above, "weeks_30d", "weeks_90d"):
            self._number(name, above=0)
        shares = ("consistency_all", "consistency_bonus", "consistency_two", "consistency_else", "win_rate_floor")
        for name in (*shares, "label_other", "label_none", "leverage_above", "leverage_unknown"):
            checks.share(self._named(name), getattr(self, name))
            self._number(name)
        if Decimal(str(self.consistency_all)) + Decimal(str(self.consistency_bonus)) > 1:
            fix = "lower one of them"
            raise ConfigError("consistency_all + consistency_bonus is above 1", where="ScoreFormulas", fix=fix)
        self._set("labels", tuple(self._step("labels", each) for each in checks.sequence("labels", self.labels)))
        self._set("leverage_steps", self._leverage_steps())

    def _step(self, name: str, step: object) -> tuple[Any, Decimal]:
        pair = checks.sequence(self._named(name), step)
        if len(pair) != 2:
            raise ConfigError.of(self._named(name), step, "must be a pair", fix="write e.g. ['Fund', 1.0] or [3, 1.0]")
        checks.share(self._named(name), pair[1])
        head = checks.text(self._named(name), pair[0]) if name == "labels" else checks.number(name, pair[0], low=0)
        return head, checks.number(name, pair[1])

    def _leverage_steps(self) -> tuple[tuple[Any, Decimal], ...]:
        steps = tuple(self._step("leverage_steps", each) for each in checks.sequence("steps", self.leverage_steps))
        if [bound for bound, _ in steps] != sorted({bound for bound, _ in steps}):
            fix = "sort them by leverage"
            raise ConfigError.of(self._named("leverage_steps"), self.leverage_steps, "must rise", fix=fix)
        return steps


@strict
@dataclass(frozen=True)
class StyleRules(Model):
    """How a style follows from trades per day and the mean time held, and what it multiplies the score with.

    High frequency: more trades a day and a shorter time held than its bounds. Swing: at least its trades a day, held
    less than its bound. Position: all others.

    >>> StyleRules(position_multiplier=1).position_multiplier
    Decimal('1')
    """

    high_frequency_trades_per_day: Number = 5
    high_frequency_hold_hours: Number = 4
    swing_trades_per_day: Number = 0.3
    swing_hold_hours: Number = 336
    high_frequency_multiplier: Number = 0
    swing_multiplier: Number = 1
    position_multiplier: Number = 0.8

    def __post_init__(self) -> None:
        """Check everything."""
        for name in vars(self):
            self._number(name)
            if name.endswith("multiplier"):
                checks.share(self._named(name), getattr(self, name))


@strict
@dataclass(frozen=True)
class ScoringRules(Model):
    """Everything that decides a score.

    - `window_days`: trades before that many days until `as_of` do not count.
    - `rate_basis`: trades per day over the time from the first trade to `as_of` (`observed`), from the first to the
      last (`span`), at least a day each, or over the whole `window`.
    - `decay_days`: the score fades as e^(-days / decay_days) since the last trade; with `decay="half_life"` it halves.
    - `thresholds`: filters, gates and bounds of quality; `percentiles` replaces some of them by a quantile (from 0 to
      1) of the traders on the leaderboard.
    - `new_trader_days`: a trader without figures of 90 days is new, and provisional, if the first trade known is at
      least so many days after the window's begin; otherwise the figures are missing for another reason.
    - `trend_exception`: a win rate below the bound is enough with a high profit factor.

    >>> ScoringRules(keep=5).weights["roi"]
    Decimal('0.25')
    >>> ScoringRules.variant("V3").percentiles["filter_roi_30d_percent"]
    Decimal('0.5')
    """

    nested: ClassVar[dict[str, type[Model]]] = {"formulas": ScoreFormulas, "styles": StyleRules}

    window_days: int = 90
    rate_basis: str = "observed"
    hold_unknown_hours: Number = 0
    formulas: ScoreFormulas = ScoreFormulas()
    styles: StyleRules = StyleRules()
    weights: Mapping[str, Number] = field(default_factory=_weights)
    decay: str = "exponential"
    decay_days: Number = 30
    provisional_multiplier: Number = 0.7
    new_trader_days: int = 7
    thresholds: Mapping[str, Number] = field(default_factory=_thresholds)
    percentiles: Mapping[str, Number] = field(default_factory=dict)
    trend_exception: bool = False
    keep: int = 15

    def __post_init__(self) -> None:
        """Check everything."""
        for name, low in (("window_days", 1), ("new_trader_days", 0), ("keep", 1)):
            checks.integer(self._named(name), getattr(self, name), low=low, high=100_000)
        checks.choice(self._named("rate_basis"), self.rate_basis, RATE_BASES)
        checks.choice(self._named("decay"), self.decay, DECAYS)
        checks.flag(self._named("trend_exception"), self.trend_exception)
        checks.share(self._named("provisional_multiplier"), self.provisional_multiplier)
        self._number("provisional_multiplier")
        self._number("hold_unknown_hours")
        self._number("decay_days", above=0)
        checks.instance("ScoringRules.formulas", self.formulas, ScoreFormulas)
        checks.instance("ScoringRules.styles", self.styles, StyleRules)
        self._set("weights", self._numbers("weights", COMPONENTS, complete=True, share=True))
        self._set("thresholds", self._all_thresholds())
        self._set("percentiles", self._numbers("percentiles", THRESHOLDS, complete=False, share=True))
        self._check_weights()
        self._check_bounds()

    def _numbers(self, name: str, known: Sequence[str], *, complete: bool, share: bool) -> FrozenMapping[Decimal]:
        given = checks.mapping(self._named(name), getattr(self, name))
        checks.known_names(self._named(name), given, known)
        for each in known if complete else ():
            if each not in given:
                raise ConfigError(f"{each} is missing", where=self._named(name), fix=f"add {each}: ...")
        for each, value in given.items():
            if share:
                checks.share(f"{self._named(name)}[{each!r}]", value)
        return FrozenMapping({each: checks.number(f"{name}[{each!r}]", value) for each, value in given.items()})

    def _all_thresholds(self) -> FrozenMapping[Decimal]:
        """Those that were given, the others as they are by default."""
        given = self._numbers("thresholds", THRESHOLDS, complete=False, share=False)
        default = {name: checks.number(name, value) for name, value in _thresholds().items()}
        return FrozenMapping({**default, **given})

    def _check_weights(self) -> None:
        total = sum((Decimal(str(each)) for each in self.weights.values()), Decimal(0))
        if total != 1:
            fix = "change one of them so that they sum to 1"
            raise ConfigError(f"the weights sum to {total}", where=self._named("weights"), fix=fix)

    def _check_bounds(self) -> None:
        least, most = (self.thresholds[f"quality_win_rate_{end}"] for end in ("least", "most"))
        if Decimal(str(least)) > Decimal(str(most)):
            fix = "exchange them"
            raise ConfigError(f"no win rate is from {least} to {most}", where=self._named("thresholds"), fix=fix)

    @classmethod
    def variant(cls, name: str, **changes: Any) -> ScoringRules:  # noqa: ANN401 - any field
        """Rules whose thresholds of return, gain and profit factor are a percentile of the traders: V1 to V5.

        The stricter, the higher the number: V1 asks for the 30 % quantile, V3 for the median, V5 for the 70 % quantile.
        """
        share = VARIANTS[checks.choice("variant", name, VARIANTS)]
        percentiles = dict.fromkeys(PERCENTILE_THRESHOLDS, share)
        return cls(**{"thresholds": VARIANT_THRESHOLDS, "percentiles": percentiles, **changes})


VARIANTS: Final[Mapping[str, float]] = {"V1": 0.30, "V2": 0.40, "V3": 0.50, "V4": 0.60, "V5": 0.70}
PERCENTILE_THRESHOLDS: Final = (
    "filter_roi_30d_percent",
    "gate_roi_7d_percent",
    "gate_roi_30d_percent",
    "gate_roi_90d_percent",
    "quality_profit_factor",
)
VARIANT_THRESHOLDS: Final[Mapping[str, Number]] = {
    "filter_account_value": 100_000,
    "gate_pnl_90d": 0,
    "quality_win_rate_least": 0.30,
    "quality_win_rate_most": 0.95,
}
"""What the variants ask for in absolute terms where it differs from the default."""
