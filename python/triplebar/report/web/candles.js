// Candles with their trades. Coarser candles are made from finer ones when they are first seen: two become one.
const MARKS_DRAWN_MAX = 1500;
const DOTS_DRAWN_MAX = 8000;

function pyramid(array, { name, scale }) {
  const [opens, closes, highs, lows] = ["open", "close", "high", "low"].map((part) => array(`${name}.${part}`));
  const length = opens.length, base = { o: new Float64Array(length), h: new Float64Array(length), l: new Float64Array(length), c: new Float64Array(length) };
  for (let i = 0, before = 0; i < length; i++) {
    const open = before + opens[i], close = open + closes[i];
    base.o[i] = open / scale;
    base.c[i] = close / scale;
    base.h[i] = (Math.max(open, close) + highs[i]) / scale;
    base.l[i] = (Math.min(open, close) - lows[i]) / scale;
    before = close;
  }
  const levels = [base];
  return (level) => {
    while (levels.length <= level) levels.push(coarser(levels[levels.length - 1]));
    return levels[level];
  };
}

function coarser({ o, h, l, c }) {
  const length = Math.ceil(o.length / 2), found = { o: new Float64Array(length), h: new Float64Array(length), l: new Float64Array(length), c: new Float64Array(length) };
  for (let i = 0; i < length; i++) {
    const first = 2 * i, last = Math.min(first + 1, o.length - 1);
    found.o[i] = o[first];
    found.c[i] = c[last];
    found.h[i] = h[first] > h[last] ? h[first] : h[last];
    found.l[i] = l[first] < l[last] ? l[first] : l[last];
  }
  return found;
}

class Candles {
  constructor(array, host, about) {
    this.array = (name) => array(`${about.name}.${name}`);
    Object.assign(this, { about, every: array, level: pyramid(array, about), time: times(array, `${about.name}.time`, about.time) });
    const length = this.time.length;
    this.chart = new Chart(host, {
      lo: -0.5, hi: Math.max(length - 0.5, 4), least: Math.min(12, length),
      marks: (from, to, most) => this.marks(from, to, most), tip: (at) => this.tip(at),
      panels: [
        { height: 340, title: this.title(), label: (value) => this.price(value), range: (from, to) => this.range(from, to), draw: (...scene) => this.draw(...scene) },
        { height: 70, title: "position", label: short, range: (from, to) => this.held(from, to), draw: (...scene) => this.drawPosition(...scene) },
      ],
    });
  }

  title() {
    const { symbol, currency, step } = this.about;
    return `${symbol}, ${currency}${step > 1 ? `: each candle holds ${step} bars, there are too many for one page` : ""}`;
  }

  price(value) { return fixed(value, Math.min(this.about.precision, 8)); }

  // The level on which a candle is wide enough to be seen, and how many of the finest it stands for.
  seen(from, to, width) {
    let level = 0, many = 1;
    while ((to - from) / many > width / 3) { level++; many *= 2; }
    return { bars: this.level(level), many, first: Math.max(0, Math.floor((from + 0.5) / many)), last: Math.min(Math.ceil(this.time.length / many) - 1, Math.floor((to + 0.5) / many)) };
  }

  range(from, to) {
    const { bars, first, last } = this.seen(from, to, this.chart ? this.chart.plot : 800);
    return extremes(bars.l, bars.h, first, last);
  }

  marks(from, to, most) {
    const last = this.time.length - 1, found = [], step = Math.max(1, (to - from) / most);
    const span = (this.time[Math.min(last, Math.floor(to))] - this.time[Math.max(0, Math.ceil(from))]) / most;
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
      const i = Math.round(at);
      if (i < 0 || i > last) continue;
      const ms = this.time[i], text = span < 86400e3 * 1.5 ? moment(ms).slice(5, 16) : day(ms);
      found.push({ x: i, text });
    }
    return found;
  }

  draw(pen, ink, scene) {
    const { bars, many, first, last } = this.seen(scene.from, scene.to, scene.width);
    const width = Math.max(1, (scene.x(many) - scene.x(0)) * 0.66), thin = width < 2.2;
    for (const rising of [true, false]) {
      pen.beginPath();
      const bodies = [];
      for (let i = first; i <= last; i++) {
        if (bars.c[i] >= bars.o[i] !== rising) continue;
        const x = scene.x((i + 0.5) * many - 0.5), at = thin ? x : Math.round(x) + 0.5;
        pen.moveTo(at, scene.y(bars.h[i]));
        pen.lineTo(at, Math.max(scene.y(bars.l[i]), scene.y(bars.h[i]) + 1));
        if (!thin) bodies.push([x - width / 2, scene.y(Math.max(bars.o[i], bars.c[i])), Math.max(1, Math.abs(scene.y(bars.o[i]) - scene.y(bars.c[i])))]);
      }
      pen.strokeStyle = pen.fillStyle = rising ? ink.gain : ink.loss;
      pen.globalAlpha = 0.75;
      pen.lineWidth = 1;
      pen.stroke();
      for (const [x, y, height] of bodies) pen.fillRect(x, y, width, height);
      pen.globalAlpha = 1;
    }
    this.drawLevels(pen, ink, scene);
    this.drawTrades(pen, ink, scene);
    this.drawFills(pen, ink, scene);
  }

  drawLevels(pen, ink, scene) {
    const from = this.array("level_from"), to = this.array("level_to"), price = this.array("level_price"), stop = this.array("level_stop");
    const shown = [];
    for (let i = 0; i < from.length && shown.length <= MARKS_DRAWN_MAX; i++) if (to[i] >= scene.from && from[i] <= scene.to) shown.push(i);
    if (shown.length > MARKS_DRAWN_MAX) return;
    pen.setLineDash([2, 3]);
    for (const i of shown) {
      pen.strokeStyle = stop[i] ? ink.loss : ink.gain;
      pen.beginPath();
      pen.moveTo(scene.x(from[i]), scene.y(price[i]));
      pen.lineTo(scene.x(to[i] + 0.4), scene.y(price[i]));
      pen.stroke();
    }
    pen.setLineDash([]);
  }

  drawTrades(pen, ink, scene) {
    const opened = this.array("trade_open"), closed = this.array("trade_close"), rows = this.array("trade");
    const profit = this.every("trades.profit"), entry = this.every("trades.entry_price"), exit = this.every("trades.exit_price");
    const first = place(closed, scene.from), shown = [];
    for (let i = first; i < closed.length && shown.length <= MARKS_DRAWN_MAX; i++) if (opened[i] <= scene.to) shown.push(i);
    if (shown.length > MARKS_DRAWN_MAX) return;
    pen.setLineDash([5, 3]);
    pen.lineWidth = 1.2;
    for (const i of shown) {
      pen.strokeStyle = profit[rows[i]] >= 0 ? ink.gain : ink.loss;
      pen.beginPath();
      pen.moveTo(scene.x(opened[i]), scene.y(entry[rows[i]]));
      pen.lineTo(scene.x(closed[i]), scene.y(exit[rows[i]]));
      pen.stroke();
    }
    pen.setLineDash([]);
  }

  drawFills(pen, ink, scene) {
    const candle = this.array("fill"), price = this.array("fill_price"), side = this.array("fill_side");
    const first = place(candle, scene.from), last = place(candle, scene.to + 1);
    if (last - first > DOTS_DRAWN_MAX) { this.drawNote(pen, ink, `${size(last - first)} fills: zoom in to see them`, scene); return; }
    const large = last - first <= MARKS_DRAWN_MAX ? 5.5 : 1.5;
    for (const buys of [true, false]) {
      pen.beginPath();
      for (let i = first; i < last; i++) {
        if (side[i] > 0 !== buys) continue;
        const x = scene.x(candle[i]), y = scene.y(price[i]);
        if (large < 2) { pen.rect(x - 1, y - 1, 2, 2); continue; }
        const down = buys ? large : -large;
        pen.moveTo(x, y);
        pen.lineTo(x - large, y + 1.5 * down);
        pen.lineTo(x + large, y + 1.5 * down);
        pen.closePath();
      }
      pen.fillStyle = buys ? ink.accent : ink.ink;
      pen.strokeStyle = ink.paper;
      pen.lineWidth = 1;
      pen.fill();
      if (large > 2) pen.stroke();
    }
  }

  drawNote(pen, ink, text, scene) {
    pen.fillStyle = ink.quiet;
    pen.textAlign = "right";
    pen.textBaseline = "top";
    pen.fillText(text, scene.width - 6, scene.top + 4);
  }

  // The position after the fills up to and including a candle.
  positionAt(candle) {
    const i = place(this.array("fill"), candle + 1) - 1;
    return i < 0 ? 0 : this.array("position")[i];
  }

  held(from, to) {
    const candle = this.array("fill"), position = this.array("position");
    let least = Math.min(0, this.positionAt(from)), most = Math.max(0, this.positionAt(from));
    for (let i = place(candle, from), last = place(candle, to + 1); i < last; i++) {
      if (position[i] < least) least = position[i];
      if (position[i] > most) most = position[i];
    }
    return most > least ? [least, most] : [0, 1];
  }

  drawPosition(pen, ink, scene) {
    const candle = this.array("fill"), position = this.array("position"), last = place(candle, scene.to + 1);
    const zero = scene.y(0);
    if (last - place(candle, scene.from) > DOTS_DRAWN_MAX) { this.drawReach(pen, ink, scene); return; }
    let before = this.positionAt(scene.from - 1), x = 0;
    pen.fillStyle = ink.wash;
    pen.strokeStyle = ink.accent;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(0, scene.y(before));
    for (let i = place(candle, scene.from); i <= last; i++) {
      const next = i < last ? scene.x(candle[i]) : scene.width;
      pen.fillRect(x, Math.min(zero, scene.y(before)), next - x, Math.abs(zero - scene.y(before)));
      pen.lineTo(next, scene.y(before));
      if (i < last) { before = position[i]; pen.lineTo(next, scene.y(before)); }
      x = next;
    }
    pen.stroke();
  }

  // Too many changes to draw one by one: how far the position reached within each column of pixels.
  drawReach(pen, ink, scene) {
    const candle = this.array("fill"), position = this.array("position"), step = (scene.to - scene.from) / scene.width;
    pen.fillStyle = ink.accent;
    pen.globalAlpha = 0.45;
    for (let x = 0, i = place(candle, scene.from); x < scene.width; x++) {
      let least = this.positionAt(scene.from + x * step), most = least;
      for (; i < candle.length && candle[i] <= scene.from + (x + 1) * step; i++) { least = Math.min(least, position[i]); most = Math.max(most, position[i]); }
      const top = Math.min(scene.y(most), scene.y(0)), bottom = Math.max(scene.y(least), scene.y(0));
      pen.fillRect(x, top, 1, Math.max(1, bottom - top));
    }
    pen.globalAlpha = 1;
  }

  tip(at) {
    const i = Math.max(0, Math.min(this.time.length - 1, Math.round(at))), bars = this.level(0);
    const lines = [`${moment(this.time[i])}`, `O ${this.price(bars.o[i])}  H ${this.price(bars.h[i])}`, `L ${this.price(bars.l[i])}  C ${this.price(bars.c[i])}`];
    const held = this.positionAt(i);
    if (held) lines.push(`position ${size(held)}`);
    const fill = this.array("fill"), first = place(fill, i), last = place(fill, i + 1);
    for (let k = first; k < Math.min(last, first + 4); k++) {
      lines.push(`${this.array("fill_side")[k] > 0 ? "▲ buy" : "▼ sell"} ${size(this.array("fill_quantity")[k])} at ${this.price(this.array("fill_price")[k])}, order ${this.array("fill_order")[k]}`);
    }
    if (last - first > 4) lines.push(`and ${last - first - 4} more fills`);
    return { x: i, text: lines.join("\n") };
  }

  // Bring a trade, by its row in the list, to the middle.
  showTrade(row) {
    const rows = this.array("trade"), i = place(rows, row);
    const first = this.array("trade_open")[i], last = this.array("trade_close")[i], room = Math.max(20, (last - first) * 0.6);
    this.chart.look(first - room, last + room);
  }
}
