// Puts the charts onto the page.
async function begin() {
  themes();
  const array = await unpack(), charts = { array }, at = (id) => document.getElementById(id);
  charts.equity = equityChart(array, at("equity"));
  if (facts.rolling) charts.rolling = rollingChart(array, at("rolling"));
  const candles = new Map(), select = at("instrument");
  const show = (number) => {
    const about = facts.instruments.find((each) => each.number === number);
    if (!about) return null;
    for (const [other, { host }] of candles) host.hidden = other !== number;
    if (!candles.has(number)) {
      const host = document.createElement("div");
      host.className = "chart";
      host.dataset.title = `candles of ${about.symbol} with the trades`;
      at("candles").append(host);
      candles.set(number, { host, drawn: new Candles(array, host, about) });
    }
    select.value = String(number);
    charts.candles = candles.get(number).drawn;
    return charts.candles;
  };
  if (facts.instruments.length) {
    show(facts.instruments[0].number);
    select.addEventListener("change", () => show(+select.value));
    at("whole").addEventListener("click", () => charts.candles.chart.all());
  }
  at("all").addEventListener("click", () => charts.equity.all());
  for (const button of document.querySelectorAll("button[data-days]")) {
    const span = button.dataset.days * 86400e3, chart = charts.equity;
    if (span >= chart.hi - chart.lo) button.hidden = true;
    button.addEventListener("click", () => chart.look(chart.hi - span, chart.hi));
  }
  if (facts.trades.count) {
    charts.trades = new Trades(array, at("trades-list"), (number, row) => {
      const drawn = show(number);
      if (!drawn) return;
      drawn.showTrade(row);
      at("prices").scrollIntoView();
    });
  }
  window.report = charts;
  document.documentElement.dataset.ready = "true";
}

begin();
