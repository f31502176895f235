// Equity, drawdown and exposure over time; rolling metrics.
function extremes(low, high, first, last) {
  let least = Infinity, most = -Infinity;
  for (let i = first; i <= last; i++) { if (low[i] < least) least = low[i]; if (high[i] > most) most = high[i]; }
  return [least, most];
}

function seen(time, from, to) {
  return [Math.max(0, place(time, from) - 1), Math.min(time.length - 1, place(time, to))];
}

function area(pen, scene, time, values, [first, last], line, wash) {
  const zero = scene.y(0);
  pen.beginPath();
  pen.moveTo(scene.x(time[first]), zero);
  for (let i = first; i <= last; i++) pen.lineTo(scene.x(time[i]), scene.y(values[i]));
  pen.lineTo(scene.x(time[last]), zero);
  pen.fillStyle = wash;
  pen.fill();
  pen.strokeStyle = line;
  pen.lineWidth = 1;
  pen.stroke();
}

function line(pen, scene, time, values, [first, last], color) {
  pen.beginPath();
  for (let i = first; i <= last; i++) pen.lineTo(scene.x(time[i]), scene.y(values[i]));
  pen.strokeStyle = color;
  pen.lineWidth = 1.4;
  pen.stroke();
}

function equityChart(array, host) {
  const time = times(array, "equity.time", facts.curve.time), drawdown = array("drawdown");
  const [first, low, high, last] = ["first", "low", "high", "last"].map((name) => array(`equity.${name}`));
  const logarithm = { on: false };
  const scale = (value) => (logarithm.on ? Math.log10(Math.max(value, 1e-9)) : value);
  const panels = [{
    height: 300, title: `equity, ${facts.currency}`,
    label: (value) => short(logarithm.on ? 10 ** value : value),
    range: (from, to) => extremes(low, high, ...seen(time, from, to)).map(scale),
    draw(pen, ink, scene) {
      const [begin, end] = seen(time, scene.from, scene.to);
      pen.beginPath();
      for (let i = begin; i <= end; i++) {
        const x = scene.x(time[i]);
        if (low[i] === high[i]) pen.lineTo(x, scene.y(scale(last[i])));
        else for (const each of [first[i], low[i], high[i], last[i]]) pen.lineTo(x, scene.y(scale(each)));
      }
      pen.strokeStyle = ink.accent;
      pen.lineWidth = 1.4;
      pen.lineJoin = "round";
      pen.stroke();
    },
  }, {
    height: 110, title: "drawdown", ceiling: 0,
    label: (value) => percent(value, Math.abs(value) < 0.02 ? 1 : 0),
    range: (from, to) => [extremes(drawdown, drawdown, ...seen(time, from, to))[0], 0],
    draw: (pen, ink, scene) => area(pen, scene, time, drawdown, seen(time, scene.from, scene.to), ink.loss, ink.lossWash),
  }];
  if (facts.curve.exposure) panels.push(exposurePanel(array, time));
  const chart = new Chart(host, {
    lo: time[0], hi: time[time.length - 1] > time[0] ? time[time.length - 1] : time[0] + 86400e3, least: 60e3,
    panels, marks: timeMarks,
    tip(at) {
      const i = nearest(time, at), parts = [moment(time[i]), `equity  ${fixed(last[i], 2)}`, `drawdown  ${percent(drawdown[i])}`];
      if (facts.curve.exposure) parts.push(`long  ${percent(array("exposure.long")[i], 1)}   short  ${percent(array("exposure.short")[i], 1)}`);
      return { x: time[i], text: parts.join("\n") };
    },
  });
  const button = document.getElementById("logarithm");
  if (low.some((value) => value <= 0)) button.hidden = true;
  button.addEventListener("click", () => {
    logarithm.on = !logarithm.on;
    button.setAttribute("aria-pressed", String(logarithm.on));
    chart.show();
  });
  return chart;
}

function exposurePanel(array, time) {
  const long = array("exposure.long"), shorted = array("exposure.short");
  return {
    height: 80, title: "exposure, of equity: long and short", label: (value) => percent(value, Math.abs(value) < 0.02 && value ? 2 : 0),
    range(from, to) {
      const [first, last] = seen(time, from, to);
      return [Math.min(0, extremes(shorted, shorted, first, last)[0]), Math.max(0.0001, extremes(long, long, first, last)[1])];
    },
    draw(pen, ink, scene) {
      area(pen, scene, time, long, seen(time, scene.from, scene.to), ink.gain, ink.gainWash);
      area(pen, scene, time, shorted, seen(time, scene.from, scene.to), ink.loss, ink.lossWash);
    },
  };
}

function nearest(time, at) {
  const i = place(time, at);
  return i > 0 && (i === time.length || at - time[i - 1] < time[i] - at) ? i - 1 : i;
}

function rollingChart(array, host) {
  const time = times(array, "rolling.time", facts.rolling.time);
  const panel = (name, title, label) => {
    const values = array(`rolling.${name}`);
    return {
      height: 100, title, label,
      range: (from, to) => { const found = extremes(values, values, ...seen(time, from, to)); return [Math.min(0, found[0]), Math.max(0, found[1])]; },
      draw(pen, ink, scene) {
        pen.strokeStyle = ink.line;
        pen.beginPath();
        pen.moveTo(0, scene.y(0));
        pen.lineTo(scene.width, scene.y(0));
        pen.stroke();
        line(pen, scene, time, values, seen(time, scene.from, scene.to), ink.accent);
      },
    };
  };
  return new Chart(host, {
    lo: time[0], hi: time[time.length - 1], least: 7 * 86400e3, marks: timeMarks,
    panels: [
      panel("total", `return of ${facts.rolling.window} days`, (value) => percent(value, Math.abs(value) < 0.1 ? 1 : 0)),
      panel("sharpe", "Sharpe ratio", (value) => fixed(value, 1)),
      panel("volatility", "volatility, per year", (value) => percent(value, Math.abs(value) < 0.1 ? 1 : 0)),
    ],
    tip(at) {
      const i = nearest(time, at), value = (name) => array(`rolling.${name}`)[i];
      return { x: time[i], text: `${day(time[i] - 1)}\nreturn  ${percent(value("total"))}\nSharpe  ${fixed(value("sharpe"), 2)}\nvolatility  ${percent(value("volatility"))}` };
    },
  });
}
