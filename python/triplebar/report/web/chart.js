// A canvas with panels one below the other that share their x axis: pan, zoom, and a line under the pointer.
const MARGIN = { right: 62, bottom: 24, gap: 30, top: 20 };

function colors() {
  const style = getComputedStyle(document.documentElement), found = {};
  for (const name of ["paper", "ink", "quiet", "line", "grid", "accent", "wash", "gain", "loss", "gain-wash", "loss-wash"]) {
    found[name.replace("-w", "W")] = style.getPropertyValue(`--${name}`).trim();
  }
  return found;
}

function ticks(low, high, most) {
  const raw = (high - low) / Math.max(1, most), power = 10 ** Math.floor(Math.log10(raw || 1));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw) || power;
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-9; at += step) found.push(Math.abs(at) < step * 1e-9 ? 0 : at);
  return found;
}

class Chart {
  // spec: lo, hi, least (the smallest span), panels [{height, title, range, draw, label}], marks(lo, hi, most), tip(x)
  constructor(host, spec) {
    Object.assign(this, spec, { host, from: spec.lo, to: spec.hi, pointers: new Map(), pointer: null, waiting: false });
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("aria-label", host.dataset.title || "chart");
    this.box = document.createElement("div");
    this.box.className = "tip";
    host.replaceChildren(this.canvas, this.box);
    this.listen();
    new ResizeObserver(() => this.show()).observe(host);
    this.show();
  }

  listen() {
    const canvas = this.canvas;
    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.pan(event.deltaX);
      else if (event.ctrlKey || event.altKey || this.active) this.zoom(Math.exp(event.deltaY * 0.0016), this.at(event.offsetX));
      else return;
      event.preventDefault();
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => {
      this.active = true;
      this.pointers.set(event.pointerId, event.offsetX);
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => this.moved(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => this.pointers.delete(event.pointerId));
    canvas.addEventListener("pointerleave", () => { this.pointer = null; this.active = false; this.show(); });
    canvas.addEventListener("dblclick", () => this.all());
    canvas.addEventListener("keydown", (event) => {
      const middle = (this.from + this.to) / 2, step = this.plot / 8;
      const does = {
        ArrowLeft: () => this.pan(-step), ArrowRight: () => this.pan(step), Home: () => this.all(),
        "+": () => this.zoom(0.7, middle), "=": () => this.zoom(0.7, middle), "-": () => this.zoom(1 / 0.7, middle),
      }[event.key];
      if (!does) return;
      does();
      event.preventDefault();
    });
    document.addEventListener("themed", () => this.show());
  }

  moved(event) {
    const before = this.pointers.get(event.pointerId);
    if (before !== undefined && this.pointers.size === 1) this.pan(before - event.offsetX);
    if (before !== undefined && this.pointers.size === 2) {
      const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
      const was = Math.abs(before - other), is = Math.abs(event.offsetX - other);
      if (was > 4 && is > 4) this.zoom(was / is, this.at((event.offsetX + other) / 2));
    }
    if (before !== undefined) this.pointers.set(event.pointerId, event.offsetX);
    this.pointer = { x: event.offsetX, y: event.offsetY };
    this.show();
  }

  get width() { return this.host.clientWidth; }
  get plot() { return Math.max(40, this.width - MARGIN.right); }
  get height() { return this.panels.reduce((sum, each) => sum + each.height + MARGIN.gap, MARGIN.top) + MARGIN.bottom - MARGIN.gap + 6; }
  at(pixel) { return this.from + (pixel / this.plot) * (this.to - this.from); }
  all() { this.look(this.lo, this.hi); }
  pan(pixels) { const by = (pixels / this.plot) * (this.to - this.from); this.look(this.from + by, this.to + by); }
  zoom(factor, around) { this.look(around - (around - this.from) * factor, around + (this.to - around) * factor); }

  look(from, to) {
    const span = Math.min(this.hi - this.lo, Math.max(this.least, to - from)), middle = (from + to) / 2;
    this.from = Math.max(this.lo, Math.min(this.hi - span, middle - span / 2));
    this.to = this.from + span;
    this.show();
  }

  show() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => { this.waiting = false; this.draw(); });
  }

  draw() {
    const ratio = window.devicePixelRatio || 1, { canvas, width, height, plot } = this;
    if (!width) return;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.height = `${height}px`;
    }
    const pen = canvas.getContext("2d"), ink = colors();
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = "11px system-ui, sans-serif";
    const x = (value) => ((value - this.from) / (this.to - this.from)) * plot;
    const marks = this.marks(this.from, this.to, Math.max(2, Math.floor(plot / 95)));
    let top = MARGIN.top;
    for (const panel of this.panels) {
      this.drawPanel(pen, ink, panel, { x, marks, top, bottom: top + panel.height });
      top += panel.height + MARGIN.gap;
    }
    this.drawMarks(pen, ink, x, marks, top - MARGIN.gap);
    this.drawPointer(pen, ink, top - MARGIN.gap);
    this.drawn = (this.drawn || 0) + 1;
  }

  drawPanel(pen, ink, panel, { x, marks, top, bottom }) {
    let [low, high] = panel.range(this.from, this.to);
    if (!(high > low)) { const by = Math.abs(high) * 0.01 || 1; low -= by; high += by; }
    const room = (high - low) * 0.05, fixedLow = panel.floor === undefined ? low - room : panel.floor;
    const fixedHigh = panel.ceiling === undefined ? high + room : panel.ceiling;
    const y = (value) => bottom - ((value - fixedLow) / (fixedHigh - fixedLow)) * (bottom - top);
    pen.strokeStyle = ink.grid;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const mark of marks) { pen.moveTo(Math.round(x(mark.x)) + 0.5, top); pen.lineTo(Math.round(x(mark.x)) + 0.5, bottom); }
    const levels = ticks(fixedLow, fixedHigh, Math.max(2, Math.floor(panel.height / 44)));
    for (const level of levels) { pen.moveTo(0, Math.round(y(level)) + 0.5); pen.lineTo(this.plot, Math.round(y(level)) + 0.5); }
    pen.stroke();
    pen.save();
    pen.beginPath();
    pen.rect(0, top - 2, this.plot, bottom - top + 4);
    pen.clip();
    panel.draw(pen, ink, { x, y, from: this.from, to: this.to, width: this.plot, top, bottom });
    pen.restore();
    pen.fillStyle = ink.quiet;
    pen.textBaseline = "middle";
    pen.textAlign = "left";
    for (const level of levels) if (y(level) > top - 3 && y(level) < bottom + 4) pen.fillText(panel.label(level), this.plot + 7, y(level));
    if (panel.title) this.drawTitle(pen, ink, panel.title, top);
  }

  drawTitle(pen, ink, title, top) {
    pen.textBaseline = "bottom";
    pen.fillStyle = ink.quiet;
    pen.fillText(title, 0, top - 4);
  }

  drawMarks(pen, ink, x, marks, bottom) {
    pen.fillStyle = ink.quiet;
    pen.textBaseline = "top";
    pen.textAlign = "center";
    let free = -1;
    for (const mark of marks) {
      const half = pen.measureText(mark.text).width / 2, at = Math.max(half, Math.min(this.plot - half, x(mark.x)));
      if (at - half < free) continue;
      pen.fillText(mark.text, at, bottom + 7);
      free = at + half + 10;
    }
  }

  drawPointer(pen, ink, bottom) {
    if (!this.pointer || this.pointer.x > this.plot || this.pointers.size > 1) { this.box.style.display = "none"; return; }
    const found = this.tip(this.at(this.pointer.x));
    if (!found) { this.box.style.display = "none"; return; }
    const at = Math.round(((found.x - this.from) / (this.to - this.from)) * this.plot) + 0.5;
    pen.strokeStyle = ink.quiet;
    pen.setLineDash([3, 3]);
    pen.beginPath();
    pen.moveTo(at, MARGIN.top);
    pen.lineTo(at, bottom);
    pen.stroke();
    pen.setLineDash([]);
    this.box.textContent = found.text;
    this.box.style.display = "block";
    const room = this.box.offsetWidth + 14;
    this.box.style.left = `${at + room > this.plot ? Math.max(0, at - room) : at + 12}px`;
    this.box.style.top = `${Math.min(Math.max(4, this.pointer.y - 20), Math.max(4, bottom - this.box.offsetHeight))}px`;
  }
}

// Marks of an axis of time: whole years, months, days, hours or minutes.
const SPANS = [60e3, 300e3, 900e3, 1800e3, 3600e3, 3 * 3600e3, 6 * 3600e3, 12 * 3600e3, 86400e3, 2 * 86400e3, 7 * 86400e3, 14 * 86400e3];
function timeMarks(from, to, most) {
  const span = (to - from) / most, found = [];
  const step = SPANS.find((each) => each >= span);
  if (step) {
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push({ x: at, text: timeText(at, step) });
    return found;
  }
  const months = [1, 2, 3, 6, 12, 24, 60, 120, 240].find((each) => each * 30.4 * 86400e3 >= span) || 600;
  const first = new Date(from);
  let month = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth()) / months) * months;
  for (let at = Date.UTC(0, 0); at <= to; month += months) {
    at = Date.UTC(Math.floor(month / 12), month % 12);
    if (at >= from && at <= to) found.push({ x: at, text: month % 12 ? MONTHS[month % 12] : String(month / 12) });
  }
  return found;
}

function timeText(ms, step) {
  const at = new Date(ms);
  if (step < 86400e3 && (at.getUTCHours() || at.getUTCMinutes())) return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  return `${MONTHS[at.getUTCMonth()]} ${at.getUTCDate()}`;
}
