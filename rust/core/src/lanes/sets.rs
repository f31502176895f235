//! A sweep: rule, market and settings once, parameter sets many times.

use super::bits::{BLOCK, Cells};
use super::crew::Crew;
use super::events::{BARS_MAX, Changes};
use super::lane::{Course, Due, Lane, Run};
use super::reach::{Doubt, unknown_setting};
use super::rule::Rule;
use super::tracks::Track;
use super::wide::{Wide, Work};
use crate::codes::FillConvention;
use crate::engine::Engine;
use crate::error::{self, Error, Result};
use crate::grid::Toward;
use crate::market::Market;
use crate::settings::Settings;
use crate::signals::{Plan, Sizing, Targets, first_bar, size_grid};
use crate::summary::{Frame, Summary};
use std::ops::Range;

/// What the operands of rules are taken from: columns first, then numbers.
#[derive(Debug)]
pub struct Sources<'a> {
    /// By instrument and column: one value a bar.
    pub columns: Vec<Vec<&'a [f64]>>,
    /// Numbers that columns are compared with.
    pub numbers: Vec<f64>,
}

/// Parameter sets: for each its operands, as places in the sources, and the size it trades.
#[derive(Debug, Clone, Copy)]
pub struct Sets<'a> {
    /// `[set][operand]`.
    pub operands: &'a [u32],
    /// Operands of a set.
    pub width: usize,
    /// Whole units, by set.
    pub sizes: &'a [f64],
}

/// What came of one set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Its numbers.
    pub summary: Summary,
    /// Why the engine ran it, if it did.
    pub doubt: Option<Doubt>,
}

/// One column, in blocks; what is missing in the last one is NaN.
struct Column<'a> {
    blocks: &'a [Cells],
    tail: Box<Cells>,
}

/// Everything that sets share.
pub struct Sweep<'a> {
    rule: &'a Rule,
    market: &'a Market<'a>,
    settings: &'a Settings,
    frame: Frame,
    columns: Vec<Vec<Column<'a>>>,
    numbers: Vec<Cells>,
    tracks: std::result::Result<Vec<Track>, Doubt>,
    /// First bar of each instrument at which orders are taken (S-32).
    first: Vec<usize>,
}

/// What a thread keeps from one set to the next.
struct Bench {
    changes: Vec<Changes>,
    dues: Vec<Due>,
    lane: Option<Lane>,
    engine: Option<Engine>,
}

impl<'a> Sweep<'a> {
    /// Lays everything out. `by_engine` leaves every set to the engine.
    ///
    /// # Errors
    /// The rule is not whole, or the columns do not fit the market.
    pub fn new(
        rule: &'a Rule,
        sources: &Sources<'a>,
        market: &'a Market<'a>,
        settings: &'a Settings,
        periods_per_year: f64,
        by_engine: bool,
    ) -> Result<Self> {
        let fits = sources.columns.len() == market.series.len()
            && sources.columns.iter().zip(&market.series).all(|(columns, series)| {
                series.len() < BARS_MAX && columns.iter().all(|column| column.len() == series.len())
            });
        if !fits {
            return Err(error::market(
                "columns of a rule do not fit the bars; give one value a bar",
            ));
        }
        let frame = Frame::new(market, settings, periods_per_year)?;
        let doubt = if by_engine {
            Some(Doubt::Setting("asked for"))
        } else {
            unknown_setting(settings)
        };
        let ticks = market.clock_ns.len();
        let tracks = match doubt {
            Some(doubt) => Err(doubt),
            None => market
                .series
                .iter()
                .map(|series| Track::new(series, &frame, ticks))
                .collect(),
        };
        let columns = sources.columns.iter();
        Ok(Self {
            rule,
            market,
            settings,
            columns: columns
                .map(|columns| columns.iter().map(|one| Column::new(one)).collect())
                .collect(),
            numbers: sources.numbers.iter().map(|number| [*number; BLOCK]).collect(),
            tracks,
            first: (0..market.series.len())
                .map(|at| first_bar(settings, market, at))
                .collect(),
            frame,
        })
    }

    /// Runs sets on some threads, in order; stops early when `goes_on` says so, and gives what was finished until then:
    /// always the first so many. `goes_on` is asked now and then with the number of sets that are done.
    ///
    /// The caller has something to do `meanwhile`, and then takes part as the last of the threads: there are never more
    /// of them than asked for, so none has to wait for a processor while it holds sets.
    ///
    /// # Errors
    /// An operand does not exist, the engine failed on a set, or what was to be done meanwhile failed.
    ///
    /// # Panics
    /// A thread panicked; that is a defect.
    pub fn run<E: From<Error>>(
        &self,
        wide: impl Wide,
        sets: &Sets,
        threads: usize,
        meanwhile: impl FnOnce() -> std::result::Result<(), E>,
        mut goes_on: impl FnMut(usize) -> std::result::Result<bool, E>,
    ) -> std::result::Result<Vec<Outcome>, E> {
        self.check(sets)?;
        let crew = Crew::new(threads, sets.sizes.len());
        let work = || -> Result<Vec<(usize, Vec<Outcome>)>> {
            let _leaving = crew.member();
            let mut bench = self.bench(crew.chunk());
            let mut found = Vec::new();
            while let Some(range) = crew.next() {
                found.push((range.start, self.chunk(wide, sets, range, &mut bench)?));
            }
            Ok(found)
        };
        let parts = std::thread::scope(|scope| {
            let mut members: Vec<_> = (1..crew.threads()).map(|_| scope.spawn(work)).collect();
            let verdict = match meanwhile() {
                Ok(()) => {
                    members.push(scope.spawn(work));
                    crew.watch(&mut goes_on)
                }
                Err(error) => {
                    crew.halt();
                    Err(error)
                }
            };
            let parts = members
                .into_iter()
                .map(|one| one.join().expect("a lane does not panic"));
            let parts: Vec<_> = parts.collect();
            verdict.map(|()| parts)
        })?;
        let mut chunks = Vec::new();
        for part in parts {
            chunks.append(&mut part?);
        }
        chunks.sort_unstable_by_key(|(from, _)| *from);
        let mut found = Vec::with_capacity(chunks.iter().map(|(_, chunk)| chunk.len()).sum());
        for (_, mut chunk) in chunks {
            found.append(&mut chunk);
        }
        Ok(found)
    }

    fn check(&self, sets: &Sets) -> Result<()> {
        self.rule.check(sets.width)?;
        let sources = self.columns.first().map_or(0, Vec::len) + self.numbers.len();
        let known = sets.operands.iter().all(|operand| (*operand as usize) < sources);
        if known && sets.operands.len() == sets.sizes.len() * sets.width {
            return Ok(());
        }
        Err(error::settings("a parameter set names a column that there is not"))
    }

    fn bench(&self, chunk: usize) -> Bench {
        let instruments = self.market.series.len();
        Bench {
            changes: vec![Changes::default(); chunk * instruments],
            dues: Vec::new(),
            lane: self.course().ok().map(|course| Lane::new(&course)),
            engine: None,
        }
    }

    fn course(&self) -> std::result::Result<Course<'_>, Doubt> {
        Ok(Course {
            market: self.market,
            settings: self.settings,
            frame: &self.frame,
            tracks: self.tracks.as_ref().map_err(|doubt| *doubt)?,
        })
    }

    fn chunk(&self, wide: impl Wide, sets: &Sets, range: Range<usize>, bench: &mut Bench) -> Result<Vec<Outcome>> {
        bench.changes.iter_mut().for_each(Changes::restart);
        wide.run(Comparing {
            sweep: self,
            sets,
            range: range.clone(),
            changes: &mut bench.changes,
        });
        let course = self.course();
        let mut found = Vec::with_capacity(range.len());
        for set in range.clone() {
            let Bench {
                changes, dues, lane, ..
            } = bench;
            let changes = &changes[(set - range.start) * self.columns.len()..][..self.columns.len()];
            let ran = match (&course, lane) {
                (Ok(course), Some(lane)) => {
                    self.plan(changes, sets.sizes[set], dues);
                    wide.run(Run { lane, course, dues })
                }
                (Err(doubt), _) => Err(*doubt),
                (Ok(_), None) => Err(Doubt::Range),
            };
            found.push(match ran {
                Ok(summary) => Outcome { summary, doubt: None },
                Err(doubt) => Outcome {
                    summary: self.by_engine(
                        &bench.changes[(set - range.start) * self.columns.len()..],
                        sets.sizes[set],
                        &mut bench.engine,
                    )?,
                    doubt: Some(doubt),
                },
            });
        }
        Ok(found)
    }

    /// From changes of side to positions and the ticks of their fills.
    fn plan(&self, changes: &[Changes], size: f64, dues: &mut Vec<Due>) {
        dues.clear();
        let later = usize::from(self.settings.fill == FillConvention::NextOpen);
        for (at, series) in self.market.series.iter().enumerate() {
            let lots = size_grid(&self.settings.instruments[at])
                .place(size, Toward::Down)
                .steps;
            let tick = |row: usize| series.tick_of(row).unsigned_abs() as usize;
            for (decided, side) in effective(&changes[at], self.first[at], series.len()) {
                let row = decided + later;
                if row < series.len() {
                    #[expect(
                        clippy::cast_possible_truncation,
                        reason = "a market has fewer than 65 535 instruments"
                    )]
                    dues.push(Due {
                        tick: tick(row),
                        sent: tick(decided),
                        instrument: at as u16,
                        row,
                        target: side * lots,
                    });
                }
            }
        }
        if changes.len() > 1 && self.market.series.len() > 1 {
            dues.sort_unstable();
        }
    }

    /// The set as a run of target columns on the engine.
    fn by_engine(&self, changes: &[Changes], size: f64, kept: &mut Option<Engine>) -> Result<Summary> {
        let columns: Vec<Vec<f64>> = (0..self.market.series.len())
            .map(|at| column_of(&changes[at], size, self.market.series[at].len()))
            .collect();
        let slices: Vec<Option<&[f64]>> = columns.iter().map(|column| Some(&column[..])).collect();
        let multipliers = vec![1.0; columns.len()];
        let engine = match kept {
            Some(engine) => {
                engine.reset(self.market)?;
                engine
            }
            None => kept.insert(Engine::new(self.settings.clone(), self.market)?),
        };
        let targets = Targets::new(self.settings, self.market, &slices, &multipliers, Sizing::Units);
        let forever = |_: i32| Ok::<_, Error>(Some(i32::MAX));
        crate::signals::run(engine, self.market, &mut Plan::Targets(targets), None, forever)?;
        Summary::of_record(&self.frame, engine.record(), self.settings)
    }
}

/// The changes that count: those before the first bar that is traded come together there.
fn effective(changes: &Changes, first: usize, bars: usize) -> impl Iterator<Item = (usize, i64)> {
    let list = &changes.list[..];
    let begun = list.partition_point(|change| change.bar() <= first);
    let opening = (begun > 0)
        .then(|| (first, list[begun - 1].side()))
        .filter(|(_, side)| *side != 0);
    let rest = list[begun..].iter().map(|change| (change.bar(), change.side()));
    opening.into_iter().chain(rest).filter(move |(bar, _)| *bar < bars)
}

#[expect(clippy::cast_precision_loss, reason = "a sign")]
fn column_of(changes: &Changes, size: f64, bars: usize) -> Vec<f64> {
    let mut column = vec![0.0; bars];
    for (place, change) in changes.list.iter().enumerate() {
        let end = changes.list.get(place + 1).map_or(bars, |next| next.bar());
        if change.bar() < bars {
            column[change.bar()..end.min(bars)].fill(change.side() as f64 * size);
        }
    }
    column
}

impl<'a> Column<'a> {
    fn new(values: &'a [f64]) -> Self {
        let (blocks, rest) = values.as_chunks::<BLOCK>();
        let mut tail = Box::new([f64::NAN; BLOCK]);
        tail[..rest.len()].copy_from_slice(rest);
        Self { blocks, tail }
    }

    #[inline]
    fn block(&self, number: usize) -> &Cells {
        self.blocks.get(number).unwrap_or(&self.tail)
    }
}

/// The comparisons of some sets, block by block.
struct Comparing<'a, 'b> {
    sweep: &'b Sweep<'a>,
    sets: &'b Sets<'b>,
    range: Range<usize>,
    changes: &'b mut [Changes],
}

impl Work for Comparing<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn go(self) {
        let Self {
            sweep,
            sets,
            range,
            changes,
        } = self;
        for (at, series) in sweep.market.series.iter().enumerate() {
            let columns = &sweep.columns[at];
            for block in 0..series.len().div_ceil(BLOCK) {
                for set in range.clone() {
                    let operands = &sets.operands[set * sets.width..][..sets.width];
                    let cells = |operand: u32| -> &Cells {
                        let source = operands[operand as usize] as usize;
                        match columns.get(source) {
                            Some(column) => column.block(block),
                            None => &sweep.numbers[source - columns.len()],
                        }
                    };
                    changes[(set - range.start) * sweep.columns.len() + at].take(sweep.rule, block * BLOCK, cells);
                }
            }
        }
    }
}
