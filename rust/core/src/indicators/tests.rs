//! Small cases by hand for every indicator; TA-Lib and an oracle are asked in the Python tests.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{
    Adx, Atr, Bands, Bollinger, Convergence, Donchian, Ema, Indicator, IndicatorError, Macd, Oscillator, PERIOD_MAX,
    PriceRange, Roc, RollingStd, Rsi, Sma, Stochastic, TrueRange, VolumePrice, Vwap, Wma, ZScore,
};

/// Feeds an indicator, storing it before every step, and again after a reset; gives what it answered.
fn outputs<I>(mut indicator: I, inputs: &[I::Input]) -> Vec<Option<I::Output>>
where
    I: Indicator + Serialize + DeserializeOwned + PartialEq + Debug,
    I::Output: PartialEq + Debug,
{
    let first = feed(&mut indicator, inputs);
    indicator.reset();
    assert!(!indicator.ready());
    assert_eq!(feed(&mut indicator, inputs), first);
    first
}

fn feed<I>(indicator: &mut I, inputs: &[I::Input]) -> Vec<Option<I::Output>>
where
    I: Indicator + Serialize + DeserializeOwned,
    I::Output: PartialEq + Debug,
{
    let step = |input: &I::Input| {
        let bytes = postcard::to_stdvec(indicator).expect("an indicator can be stored");
        *indicator = postcard::from_bytes(&bytes).expect("what was stored can be read");
        let output = indicator.update(*input);
        assert_eq!(indicator.value(), output);
        assert_eq!(indicator.ready(), output.is_some());
        output
    };
    inputs.iter().map(step).collect()
}

fn bars(rows: &[(f64, f64, f64)]) -> Vec<PriceRange> {
    rows.iter()
        .map(|&(high, low, close)| PriceRange { high, low, close })
        .collect()
}

#[test]
fn means() -> Result<(), IndicatorError> {
    let values = [1.0, 2.0, 6.0, f64::NAN, 4.0];
    assert_eq!(
        outputs(Sma::new(3)?, &values),
        [None, None, Some(3.0), Some(3.0), Some(4.0)]
    );
    assert_eq!(
        outputs(Ema::new(3)?, &values),
        [None, None, Some(3.0), Some(3.0), Some(3.5)]
    );
    assert_eq!(outputs(Wma::new(2)?, &[1.0, 4.0, 1.0]), [None, Some(3.0), Some(2.0)]);
    Ok(())
}

#[test]
fn strength_and_change() -> Result<(), IndicatorError> {
    assert_eq!(
        outputs(Rsi::new(2)?, &[1.0, 2.0, 1.0, 2.0]),
        [None, None, Some(50.0), Some(75.0)]
    );
    assert_eq!(outputs(Rsi::new(1)?, &[1.0, 1.0]), [None, Some(50.0)]);
    assert_eq!(
        outputs(Roc::new(1)?, &[1.0, 2.0, 0.0, 3.0]),
        [None, Some(100.0), Some(-100.0), None]
    );
    Ok(())
}

#[test]
fn deviations() -> Result<(), IndicatorError> {
    let values = [1.0, 3.0, 3.0];
    assert_eq!(
        outputs(RollingStd::new(2, false)?, &values),
        [None, Some(1.0), Some(0.0)]
    );
    assert_eq!(
        outputs(RollingStd::new(3, true)?, &[2.0, 4.0, 6.0]),
        [None, None, Some(2.0)]
    );
    assert_eq!(outputs(ZScore::new(2, false)?, &values), [None, Some(1.0), Some(0.0)]);
    let bands = Bands {
        upper: 4.0,
        middle: 2.0,
        lower: 0.0,
    };
    assert_eq!(outputs(Bollinger::new(2, 2.0)?, &[1.0, 3.0]), [None, Some(bands)]);
    Ok(())
}

#[test]
fn convergence() -> Result<(), IndicatorError> {
    let lines = Convergence {
        line: 0.5,
        signal: 0.5,
        histogram: 0.0,
    };
    let expected = [None, None, Some(lines), Some(lines)];
    assert_eq!(outputs(Macd::new(1, 2, 2)?, &[1.0, 2.0, 3.0, 4.0]), expected);
    Ok(())
}

#[test]
fn ranges() -> Result<(), IndicatorError> {
    let rows = bars(&[(2.0, 1.0, 2.0), (5.0, 4.0, 4.0), (5.0, 4.0, 5.0)]);
    assert_eq!(outputs(TrueRange::new(), &rows), [None, Some(3.0), Some(1.0)]);
    assert_eq!(outputs(Atr::new(2)?, &rows), [None, None, Some(2.0)]);
    let channel = Bands {
        upper: 5.0,
        middle: 3.0,
        lower: 1.0,
    };
    assert_eq!(outputs(Donchian::new(2)?, &rows[..2]), [None, Some(channel)]);
    let top = Oscillator { k: 75.0, d: 75.0 };
    assert_eq!(outputs(Stochastic::new(2, 1, 1)?, &rows[..2]), [None, Some(top)]);
    Ok(())
}

#[test]
fn direction() -> Result<(), IndicatorError> {
    let rising = bars(&[(2.0, 1.0, 1.5), (3.0, 2.0, 2.5), (4.0, 3.0, 3.5), (5.0, 4.0, 4.5)]);
    let found = outputs(Adx::new(2)?, &rising);
    assert_eq!(found[..3], [None, None, None]);
    assert!(found[3].is_some_and(|lines| lines.adx > 99.9 && lines.plus > 60.0 && lines.minus == 0.0));
    let still = bars(&[(1.0, 1.0, 1.0); 4]);
    assert_eq!(outputs(Adx::new(2)?, &still)[3].map(|lines| lines.adx), Some(0.0));
    Ok(())
}

#[test]
fn a_bar_that_is_not_finite_is_not_counted() -> Result<(), IndicatorError> {
    let rows = bars(&[
        (2.0, 1.0, 1.5),
        (f64::NAN, 1.0, 1.0),
        (3.0, 2.0, 2.5),
        (4.0, f64::INFINITY, 3.5),
    ]);
    assert_eq!(outputs(TrueRange::new(), &rows), [None, None, Some(1.5), Some(1.5)]);
    assert_eq!(outputs(Atr::new(1)?, &rows), [None, None, Some(1.5), Some(1.5)]);
    assert!(outputs(Donchian::new(1)?, &rows)[3].is_some());
    assert!(outputs(Stochastic::new(1, 1, 1)?, &rows)[3].is_some());
    assert!(outputs(Adx::new(2)?, &rows)[3].is_none());
    Ok(())
}

#[test]
fn volume_weighted_price() -> Result<(), IndicatorError> {
    let print = |price: f64, volume: f64, session: i64| VolumePrice {
        price,
        volume,
        session: Some(session),
    };
    let day = [
        print(1.0, 0.0, 1),
        print(4.0, 1.0, 1),
        print(7.0, 2.0, 1),
        print(9.0, 5.0, 2),
        print(9.0, -5.0, 2),
    ];
    assert_eq!(
        outputs(Vwap::new(None)?, &day),
        [None, Some(4.0), Some(6.0), Some(9.0), Some(9.0)]
    );
    assert_eq!(outputs(Vwap::new(Some(2))?, &day[..3]), [None, Some(4.0), Some(6.0)]);
    let plain = [1.0, 2.0, 3.0].map(|price| VolumePrice {
        price,
        volume: 1.0,
        session: None,
    });
    assert_eq!(outputs(Vwap::new(Some(2))?, &plain), [None, Some(1.5), Some(2.5)]);
    Ok(())
}

#[test]
fn parameters_that_make_no_sense_are_named() {
    let texts = [
        Sma::new(0).map(drop),
        Ema::new(-1).map(drop),
        Wma::new(i64::from(PERIOD_MAX) + 1).map(drop),
        ZScore::new(1, true).map(drop),
        Macd::new(3, 3, 1).map(drop),
        Bollinger::new(2, f64::NAN).map(drop),
        Vwap::new(Some(0)).map(drop),
    ]
    .map(|refused| refused.err().map_or(String::new(), |error| error.to_string()));
    assert_eq!(
        texts,
        [
            "SMA: period must be between 1 and 1000000, got 0",
            "EMA: period must be between 1 and 1000000, got -1",
            "WMA: period must be between 1 and 1000000, got 1000001",
            "ZScore: period must be between 2 and 1000000, got 1",
            "MACD: fast (3) must be less than slow (3)",
            "Bollinger: width must be a finite number above 0, got NaN",
            "VWAP: period must be between 1 and 1000000, got 0",
        ]
    );
}
