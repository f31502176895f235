//! The workloads of `benches/` as strategies against the core's trait: `native_strategies WORKLOAD FILE ROUNDS`.
//!
//! FILE holds little-endian 64-bit integers: bars, instruments, then open, high, low, close in ticks, each `[bar][instrument]`.
//! Prints one line of JSON: nanoseconds of each round, fills, and the hash of the equity column. The first round is thrown
//! away; the others reuse the engine's memory, as the runs of a sweep do.

use sha2::{Digest, Sha256};
use std::time::Instant;
use triplebar_core::codes::{AccountKind, FillConvention, PathRule};
use triplebar_core::drive::{Handlers, Strategy, run};
use triplebar_core::engine::{Engine, Present};
use triplebar_core::error::Result;
use triplebar_core::market::{Market, Series};
use triplebar_core::order::OrderId;
use triplebar_core::request::OrderRequest;
use triplebar_core::settings::{
    AccountSettings, CommissionSettings, InstrumentSettings, OffGrid, RULES_VERSION, RiskSettings, Settings,
};

const MINUTE_NS: i64 = 60_000_000_000;
const UNIT_MINOR: i64 = 1_000_000;
const MINOR_PER_CASH: f64 = 1e8;

/// Columns of a market, one set an instrument.
struct Columns {
    clock_ns: Vec<i64>,
    sessions: Vec<i32>,
    /// open, high, low, close, volume
    prices: Vec<[Vec<i64>; 5]>,
}

impl Columns {
    fn read(path: &str) -> Self {
        let bytes = std::fs::read(path).expect("the file of ticks is readable");
        let numbers: Vec<i64> = bytes
            .chunks_exact(8)
            .map(|eight| i64::from_le_bytes(eight.try_into().expect("eight bytes")))
            .collect();
        let size = |at: usize| usize::try_from(numbers[at]).expect("sizes are not negative");
        let (bars, width) = (size(0), size(1));
        let column = |field: usize, one: usize| {
            (0..bars)
                .map(|bar| numbers[2 + (field * bars + bar) * width + one])
                .collect::<Vec<_>>()
        };
        let prices = (0..width)
            .map(|one| {
                [
                    column(0, one),
                    column(1, one),
                    column(2, one),
                    column(3, one),
                    vec![1000; bars],
                ]
            })
            .collect();
        let clock_ns: Vec<i64> = (1..=i64::try_from(bars).expect("few bars"))
            .map(|bar| bar * MINUTE_NS)
            .collect();
        let sessions = clock_ns
            .iter()
            .map(|time| i32::try_from((time - 1) / (1440 * MINUTE_NS)).expect("few days"))
            .collect();
        Self {
            clock_ns,
            sessions,
            prices,
        }
    }

    fn market(&self) -> Market<'_> {
        let all = self.prices.iter().map(|[open, high, low, close, volume]| Series {
            clock_index: None,
            time_ns: &self.clock_ns,
            open,
            high,
            low,
            close,
            volume,
        });
        Market::new(&self.clock_ns, &self.sessions, all.collect()).expect("the columns fit together")
    }
}

fn settings(workload: &str, width: usize) -> Settings {
    let commission = CommissionSettings {
        fixed: 0,
        maker_ppb: 100_000,
        taker_ppb: 100_000,
        per_unit_minor: 0,
        minimum: 0,
        maximum_ppb: None,
        tiers: Vec::new(),
    };
    let instrument = |at: usize| InstrumentSettings {
        symbol: format!("I{at:04}"),
        price_precision: 2,
        size_precision: 0,
        price_step: 1,
        size_step: 1,
        unit: UNIT_MINOR,
        currency: 0,
        quantity_min: 1,
        quantity_max: None,
        notional_min: 0,
        participation_ppb: None,
        half_spread_ticks: 0,
        half_spread_ppb: 0,
        slippage_ticks: 0,
        slippage_ppb: 0,
        impact_ppb: 0,
        root_coefficient: 0.0,
        root_free: 0.0,
        commission: commission.clone(),
        funding: Vec::new(),
        borrow_ppb: 0,
        position_limit_lots: None,
        position_limit_minor: None,
        interval_ns: MINUTE_NS,
    };
    let cash = if workload == "W4" { 10_000_000 } else { 1_000_000 };
    Settings {
        rules_version: RULES_VERSION,
        seed: 0,
        fill: FillConvention::NextOpen,
        path: PathRule::OpenHighLowClose,
        off_grid: OffGrid::Round,
        start_ns: None,
        warmup_bars: 0,
        close_at_end: false,
        cash_precision: 8,
        currencies: vec!["USD".into()],
        cash: vec![cash * 100_000_000],
        rates: vec![vec![(i64::MIN, 1_000_000_000)]],
        account: AccountSettings {
            kind: AccountKind::Margin,
            leverage_milli: 1000,
            maintenance_ppb: 0,
        },
        latency_min_ns: 0,
        latency_max_ns: 0,
        miss_ppb: 0,
        partial_ppb: 0,
        partial_low_ppb: 0,
        partial_high_ppb: 0,
        risk: unlimited(),
        instruments: (0..width).map(instrument).collect(),
    }
}

/// No limits on risk.
const fn unlimited() -> RiskSettings {
    RiskSettings {
        trading_enabled: true,
        gross_ppb: None,
        net_ppb: None,
        drawdown_total_ppb: None,
        drawdown_daily_ppb: None,
        position_ppb: None,
        long_ppb: None,
        short_ppb: None,
        positions: None,
    }
}

/// W1: long one lot while the mean of 10 closes is above the mean of 50, else flat.
#[derive(Default)]
struct Cross {
    quick: i64,
    calm: i64,
}

impl Strategy for Cross {
    #[inline]
    fn on_bar(&mut self, desk: &mut Engine, bar: Present, market: &Market) -> Result<()> {
        let (row, close) = (bar.row as usize, market.series[0].close);
        self.quick += close[row] - if row >= 10 { close[row - 10] } else { 0 };
        self.calm += close[row] - if row >= 50 { close[row - 50] } else { 0 };
        if row < 49 {
            return Ok(());
        }
        let (wanted, held) = (i64::from(5 * self.quick > self.calm), desk.position(0));
        if wanted != held {
            desk.send(&OrderRequest::market(0, if wanted > held { 1 } else { -1 }, 1))?;
        }
        Ok(())
    }
}

/// W2: the position is flipped on every bar.
struct Flip;

impl Strategy for Flip {
    #[inline]
    fn on_bar(&mut self, desk: &mut Engine, _bar: Present, _market: &Market) -> Result<()> {
        let held = desk.position(0);
        let request = if held > 0 {
            OrderRequest::market(0, -1, 2 * held)
        } else {
            OrderRequest::market(0, 1, (-2 * held).max(1))
        };
        desk.send(&request).map(|_| ())
    }
}

/// W3: every bar cancels two resting limits and places two.
#[derive(Default)]
struct Quotes {
    live: [OrderId; 2],
}

impl Strategy for Quotes {
    #[inline]
    fn on_bar(&mut self, desk: &mut Engine, bar: Present, market: &Market) -> Result<()> {
        for order in self.live {
            desk.cancel(order);
        }
        let close = market.series[0].close[bar.row as usize];
        self.live = [
            desk.send(&OrderRequest::limit(0, 1, 1, close - 11))?,
            desk.send(&OrderRequest::limit(0, -1, 1, close + 11))?,
        ];
        Ok(())
    }
}

/// W4: all instruments at equal weight, every 50 bars.
#[derive(Default)]
struct Rebalance {
    slices: u64,
}

impl Strategy for Rebalance {
    fn handlers(&self) -> Handlers {
        Handlers {
            slice: true,
            ..Handlers::default()
        }
    }

    #[inline]
    fn on_bar(&mut self, _desk: &mut Engine, _bar: Present, _market: &Market) -> Result<()> {
        Ok(())
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "the workload is defined in doubles"
    )]
    fn on_slice(&mut self, desk: &mut Engine, market: &Market) -> Result<()> {
        self.slices += 1;
        if !(self.slices - 1).is_multiple_of(50) {
            return Ok(());
        }
        let equity = desk.equity(market)? as f64 / MINOR_PER_CASH;
        for at in 0..desk.present_count() {
            let Present { instrument, row } = desk.present_at(at);
            let close = market.series[usize::from(instrument)].close[row as usize] as f64 / 100.0;
            let missing = (0.0098 * equity / close) as i64 - desk.position(usize::from(instrument));
            if missing != 0 {
                desk.send(&OrderRequest::market(
                    instrument,
                    if missing > 0 { 1 } else { -1 },
                    missing.abs(),
                ))?;
            }
        }
        Ok(())
    }
}

fn round(workload: &str, engine: &mut Engine, market: &Market) -> Result<()> {
    match workload {
        "W1" => run(engine, market, &mut Cross::default()),
        "W2" => run(engine, market, &mut Flip),
        "W3" => run(engine, market, &mut Quotes::default()),
        "W4" => run(engine, market, &mut Rebalance::default()),
        other => panic!("there is no workload {other}; choose one of W1 to W4"),
    }
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [workload, path, rounds] = arguments.as_slice() else {
        panic!("usage: native_strategies WORKLOAD FILE ROUNDS");
    };
    let columns = Columns::read(path);
    let market = columns.market();
    let mut engine = Engine::new(settings(workload, columns.prices.len()), &market)?;
    round(workload, &mut engine, &market)?;
    let mut nanoseconds = Vec::new();
    for _ in 0..rounds.parse::<usize>().expect("ROUNDS is a number") {
        engine.reset(&market)?;
        #[expect(clippy::disallowed_methods, reason = "a bench measures time")]
        let began = Instant::now();
        round(workload, &mut engine, &market)?;
        nanoseconds.push(u64::try_from(began.elapsed().as_nanos()).expect("less than centuries"));
    }
    let equity: Vec<u8> = engine
        .record()
        .equity
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let digest = Sha256::digest(&equity)
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let fills = engine.record().fills.len();
    println!(
        "{}",
        serde_json::json!({ "nanoseconds": nanoseconds, "fills": fills, "equity_sha256": digest })
    );
    Ok(())
}
