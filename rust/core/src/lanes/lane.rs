//! One parameter set: its fills one by one, and between two of them its equity as a stretch.

use super::reach::Doubt;
use super::tracks::{Track, extremes, is_exact};
use super::wide::Work;
use crate::codes::{AccountKind, Cause, FillConvention, Moment, Role};
use crate::costs::{Charged, FillBar, TakerPrice, commission, taker_price};
use crate::market::Market;
use crate::record::Fill;
use crate::settings::Settings;
use crate::summary::{Curve, Frame, Summary, Trading};
use crate::units::worth;

/// What all lanes share.
pub(super) struct Course<'a> {
    pub(super) market: &'a Market<'a>,
    pub(super) settings: &'a Settings,
    pub(super) frame: &'a Frame,
    pub(super) tracks: &'a [Track],
}

/// A position that is to change, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    /// Tick of the fill.
    pub(super) tick: usize,
    /// Tick of the decision: what was sent first arrives first (S-20).
    pub(super) sent: usize,
    /// Instrument.
    pub(super) instrument: u16,
    /// Bar of the fill.
    pub(super) row: usize,
    /// Lots to hold from then on.
    pub(super) target: i64,
}

/// The account of one set. Made once a thread, used again for every set.
pub(super) struct Lane {
    cash: i64,
    /// Instruments held, and what one tick is worth.
    held: Vec<(usize, i64)>,
    /// Notional traded, an instrument.
    traded: Vec<i64>,
    curve: Curve,
    trading: Trading,
}

/// Equity as a function of one mark: whole numbers under 2^53, so every product and sum is exact.
#[derive(Clone, Copy)]
struct Line {
    cash: f64,
    slope: f64,
}

impl Line {
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "a whole number under 2^53")]
    fn at(self, mark: f64) -> i64 {
        (self.cash + self.slope * mark) as i64
    }

    /// Lowest and highest value over some marks.
    #[inline(always)]
    fn span(self, marks: &[f64]) -> (i64, i64) {
        let (low, high) = extremes(marks);
        let (one, other) = (self.at(low), self.at(high));
        (one.min(other), one.max(other))
    }
}

/// The run of one set.
pub(super) struct Run<'a> {
    pub(super) lane: &'a mut Lane,
    pub(super) course: &'a Course<'a>,
    pub(super) dues: &'a [Due],
}

impl Work for Run<'_> {
    type Output = Result<Summary, Doubt>;

    #[inline(always)]
    fn go(self) -> Self::Output {
        let Self { lane, course, dues } = self;
        lane.restart(course);
        let mut at = course.frame.first;
        for due in dues {
            lane.stretch(course, at, due.tick);
            at = at.max(due.tick);
            lane.fill(course, due)?;
        }
        lane.stretch(course, at, course.frame.first + course.frame.rows);
        Ok(Summary::new(course.frame, &mut lane.curve, &lane.trading))
    }
}

impl Lane {
    pub(super) fn new(course: &Course) -> Self {
        let instruments = course.settings.instruments.len();
        Self {
            cash: 0,
            held: Vec::with_capacity(instruments),
            traded: vec![0; instruments],
            curve: Curve::new(course.frame),
            trading: Trading::new(instruments),
        }
    }

    fn restart(&mut self, course: &Course) {
        self.cash = course.frame.initial;
        self.held.clear();
        self.traded.fill(0);
        self.curve.restart(course.frame);
        self.trading.restart();
    }

    /// The ticks from one to another, between which nothing is traded.
    #[inline(always)]
    fn stretch(&mut self, course: &Course, from: usize, to: usize) {
        if from >= to {
            return;
        }
        let rows = to - from;
        let last = match self.held[..] {
            [] => self.idle(course, rows, to),
            [(at, worth)] => self.alone(course, &course.tracks[at], worth, from, to),
            _ => self.together(course, from, to),
        };
        self.curve.go(rows, last);
    }

    /// Nothing is held: equity is cash.
    #[inline]
    fn idle(&mut self, course: &Course, rows: usize, to: usize) -> i64 {
        self.curve.level(course.frame, self.cash);
        self.curve.add(rows as i128 * i128::from(self.cash));
        let cash = self.cash;
        let (_, days) = self.days(course, to);
        days.fill(course.frame.money(cash));
        cash
    }

    /// One instrument is held: equity is a straight function of its mark.
    #[inline(always)]
    #[expect(
        clippy::cast_precision_loss,
        reason = "whole numbers under 2^53, as `settle` has checked"
    )]
    fn alone(&mut self, course: &Course, track: &Track, worth: i64, from: usize, to: usize) -> i64 {
        let (cash, slope) = (self.cash as f64, worth as f64);
        let marks = &track.mark[from..to];
        let line = Line { cash, slope };
        let (low, high) = line.span(marks);
        if high <= self.curve.peak() {
            self.curve.below_peak(low);
        } else {
            for part in marks.chunks(32) {
                let (low, high) = line.span(part);
                if high <= self.curve.peak() {
                    self.curve.below_peak(low);
                } else {
                    for mark in part {
                        self.curve.level(course.frame, line.at(*mark));
                    }
                }
            }
        }
        let sum = (to - from) as i128 * i128::from(self.cash) + i128::from(worth) * track.sum(from, to);
        self.curve.add(sum);
        let unit = course.frame.money_unit();
        let (first_day, days) = self.days(course, to);
        for (day, mark) in days.iter_mut().zip(&track.ends[first_day..]) {
            *day = (cash + slope * mark) / unit;
        }
        line.at(marks[marks.len() - 1])
    }

    /// Several instruments are held.
    #[inline(always)]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "whole numbers under 2^53, as `settle` has checked"
    )]
    fn together(&mut self, course: &Course, from: usize, to: usize) -> i64 {
        const PART: usize = 64;
        let cash = self.cash as f64;
        let mut values = [0.0; PART];
        let mut last = cash;
        let mut begin = from;
        while begin < to {
            let part = &mut values[..PART.min(to - begin)];
            part.fill(cash);
            for &(at, worth) in &self.held {
                let marks = &course.tracks[at].mark[begin..begin + part.len()];
                part.iter_mut()
                    .zip(marks)
                    .for_each(|(value, mark)| *value += worth as f64 * mark);
            }
            let (low, high) = extremes(part);
            if high as i64 <= self.curve.peak() {
                self.curve.below_peak(low as i64);
            } else {
                for value in part.iter() {
                    self.curve.level(course.frame, *value as i64);
                }
            }
            last = part[part.len() - 1];
            begin += part.len();
        }
        let mut sum = (to - from) as i128 * i128::from(self.cash);
        for &(at, worth) in &self.held {
            sum += i128::from(worth) * course.tracks[at].sum(from, to);
        }
        self.curve.add(sum);
        self.days_together(course, to);
        last as i64
    }

    #[expect(clippy::cast_precision_loss, reason = "whole numbers under 2^53")]
    fn days_together(&mut self, course: &Course, to: usize) {
        let (cash, unit) = (self.cash as f64, course.frame.money_unit());
        let held = std::mem::take(&mut self.held);
        let (first_day, days) = self.days(course, to);
        for (at, day) in days.iter_mut().enumerate() {
            let values = held
                .iter()
                .map(|(held, worth)| *worth as f64 * course.tracks[*held].ends[first_day + at]);
            *day = values.fold(cash, |total, value| total + value) / unit;
        }
        self.held = held;
    }

    /// The days that end before a tick and have no value yet: the number of the first, and room for their values.
    #[inline]
    fn days(&mut self, course: &Course, to: usize) -> (usize, &mut [f64]) {
        let first = self.curve.days_ended();
        let ends = &course.frame.day_ends[first..];
        let rows = to - course.frame.first;
        let count = match ends.first() {
            Some(end) if *end < rows => ends.partition_point(|end| *end < rows),
            _ => 0,
        };
        (first, self.curve.days(count))
    }

    /// Brings the position of an instrument to what is due (S-20, S-50 to S-53, S-58).
    #[inline(never)]
    fn fill(&mut self, course: &Course, due: &Due) -> Result<(), Doubt> {
        let at = usize::from(due.instrument);
        let instrument = &course.settings.instruments[at];
        let held = self.trading.lot(at).position.lots;
        let missing = due.target.checked_sub(held).ok_or(Doubt::Range)?;
        let (side, lots) = (missing.signum(), missing.abs());
        if lots == 0 {
            return Ok(());
        }
        if lots < instrument.quantity_min || instrument.quantity_max.is_some_and(|most| lots > most) {
            return Err(Doubt::Refusal);
        }
        let series = &course.market.series[at];
        let bar = FillBar {
            open: series.open[due.row],
            volume: series.volume[due.row],
        };
        let x = match course.settings.fill {
            FillConvention::NextOpen => bar.open,
            FillConvention::SameClose => series.close[due.row],
        };
        let price = taker_price(instrument, bar, side, x, lots).map_err(|_| Doubt::Range)?;
        let fee = |ticks: i64| {
            let notional = worth(lots, ticks, instrument.unit)?;
            let fill = Charged {
                notional,
                lots,
                role: Role::Taker,
                first: true,
            };
            commission(instrument, self.traded[at], fill)
        };
        let fee = |ticks: i64| fee(ticks).map_err(|_| Doubt::Range);
        let paid = fee(price.ticks)?;
        let grows = due.target.abs() > held.abs();
        if grows || course.settings.account.kind == AccountKind::Cash {
            // The gate is asked when the order arrives, at the market's price, and when it fills, at its own (S-60).
            let arrival = fee(x)?;
            self.ask(course, due, held, (x, arrival))?;
            self.ask(course, due, held, (price.ticks, paid))?;
        }
        self.book(course, due, (side, lots), price, paid)
    }

    /// S-61 and S-62: whether the account would let this fill pass.
    fn ask(&self, course: &Course, due: &Due, held: i64, (ticks, fee): (i64, i64)) -> Result<(), Doubt> {
        let at = usize::from(due.instrument);
        let unit = i128::from(course.settings.instruments[at].unit);
        let value = |lots: i64, ticks: i64| i128::from(lots) * i128::from(ticks) * unit;
        if course.settings.account.kind == AccountKind::Cash {
            let short = due.target < 0 && due.target < held;
            let needed = value(due.target - held, ticks) + i128::from(fee);
            return if short || needed > i128::from(self.cash) {
                Err(Doubt::Refusal)
            } else {
                Ok(())
            };
        }
        let (mut equity, mut gross) = (i128::from(self.cash - fee), value(due.target, ticks).abs());
        for &(other, worth) in &self.held {
            let series = &course.market.series[other];
            let mark = match course.settings.fill {
                FillConvention::NextOpen => course.tracks[other].opened(series, due.tick),
                FillConvention::SameClose => course.tracks[other].closed(due.tick),
            };
            let worth = i128::from(worth) * i128::from(mark);
            equity += worth;
            gross += if other == at { 0 } else { worth.abs() };
        }
        if equity * i128::from(course.settings.account.leverage_milli) >= gross * 1000 {
            return Ok(());
        }
        Err(Doubt::Refusal)
    }

    fn book(
        &mut self,
        course: &Course,
        due: &Due,
        (side, lots): (i64, i64),
        price: TakerPrice,
        fee: i64,
    ) -> Result<(), Doubt> {
        let at = usize::from(due.instrument);
        let unit = course.settings.instruments[at].unit;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_possible_wrap,
            reason = "a sign, and a tick of a clock under 2^30"
        )]
        let fill = Fill {
            price: price.ticks,
            quantity: lots,
            fee,
            order: 0,
            clock: due.tick as i32,
            half_spread: price.half_spread,
            slippage: price.slippage,
            instrument: due.instrument,
            side: side as i8,
            moment: Moment::Open,
            role: Role::Taker,
            cause: Cause::Arrival,
        };
        let time_ns = course.market.clock_ns[due.tick];
        self.trading
            .fill(&fill, time_ns, course.settings)
            .map_err(|_| Doubt::Range)?;
        let notional = i128::from(lots) * i128::from(price.ticks) * i128::from(unit);
        let cash = i128::from(self.cash) - i128::from(side) * notional - i128::from(fee);
        self.cash = i64::try_from(cash).map_err(|_| Doubt::Range)?;
        let traded = i128::from(self.traded[at]) + notional;
        self.traded[at] = i64::try_from(traded).map_err(|_| Doubt::Range)?;
        self.settle(course, at, due.target, unit)
    }

    /// The new holdings; refuses what a double would not hold at the highest price.
    #[expect(clippy::cast_precision_loss, reason = "an upper bound, compared with one far lower")]
    fn settle(&mut self, course: &Course, at: usize, lots: i64, unit: i64) -> Result<(), Doubt> {
        self.held.retain(|(held, _)| *held != at);
        if lots != 0 {
            self.held.push((at, lots.checked_mul(unit).ok_or(Doubt::Range)?));
        }
        let bound = |(at, worth): &(usize, i64)| worth.abs() as f64 * course.tracks[*at].highest as f64;
        let most = self.cash.abs() as f64 + self.held.iter().map(bound).sum::<f64>();
        if is_exact(most * 1.001) {
            Ok(())
        } else {
            Err(Doubt::Range)
        }
    }
}
