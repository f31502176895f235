// The list of trades: sorted and searched as a whole, drawn only where it is looked at.
const ROW_PIXELS = 30;
const COLUMNS = [
  { name: "#", key: "row", number: true, width: 62 }, { name: "symbol", key: "symbol", width: 84 }, { name: "side", key: "side", width: 58 },
  { name: "size", key: "quantity", number: true, width: 84 }, { name: "opened", key: "opened", width: 128 },
  { name: "entry", key: "entry_price", number: true, width: 92 }, { name: "closed", key: "closed", width: 128 },
  { name: "exit", key: "exit_price", number: true, width: 92 }, { name: "fees", key: "fees", number: true, width: 80 },
  { name: "profit", key: "profit", number: true, width: 96 }, { name: "tag", key: "tag", width: 90 },
];

class Trades {
  constructor(array, host, show) {
    const opened = times(array, "trades.opened", facts.trades.opened), closed = times(array, "trades.closed", facts.trades.closed);
    const direct = Object.fromEntries(["quantity", "entry_price", "exit_price", "fees", "profit", "side", "order"].map((name) => [name, array(`trades.${name}`)]));
    const instrument = array("trades.instrument"), tag = array("trades.tag"), first = facts.trades.left_out + 1;
    this.value = {
      ...Object.fromEntries(Object.entries(direct).map(([name, values]) => [name, (row) => values[row]])),
      row: (row) => row + first, opened: (row) => opened[row], closed: (row) => closed[row],
      symbol: (row) => facts.symbols[instrument[row]], tag: (row) => (tag[row] ? facts.labels[tag[row] - 1] : ""),
    };
    this.instrument = (row) => instrument[row];
    Object.assign(this, { host, show, length: opened.length, sorted: "row", falling: false, words: [] });
    this.order = Uint32Array.from({ length: this.length }, (_, row) => row);
    this.build();
    this.sift();
  }

  text(key, row) {
    const value = this.value[key](row);
    if (key === "opened" || key === "closed") return moment(value);
    if (key === "side") return value > 0 ? "long" : "short";
    if (key === "profit") return signed(value, 2);
    if (key === "fees") return fixed(value, 2);
    if (key === "entry_price" || key === "exit_price") return fixed(value, Math.min(8, facts.precisions[this.instrument(row)]));
    return typeof value === "number" ? size(value) : value;
  }

  build() {
    this.table = document.createElement("table");
    const head = this.table.createTHead().insertRow();
    for (const column of COLUMNS) {
      const cell = document.createElement("th");
      cell.textContent = column.name;
      cell.style.width = `${column.width}px`;
      cell.tabIndex = 0;
      if (column.number) cell.className = "number";
      cell.addEventListener("click", () => this.sort(column.key));
      cell.addEventListener("keydown", (event) => { if (event.key === "Enter") this.sort(column.key); });
      head.append(cell);
    }
    this.heads = [...head.cells];
    this.body = this.table.createTBody();
    this.host.replaceChildren(this.table);
    this.host.addEventListener("scroll", () => requestAnimationFrame(() => this.draw()));
    this.body.addEventListener("click", (event) => {
      const row = event.target.closest("tr[data-row]");
      if (row) this.show(this.instrument(+row.dataset.row), +row.dataset.row);
    });
    document.getElementById("search").addEventListener("input", (event) => {
      this.words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
      this.sift();
    });
  }

  sort(key) {
    this.falling = this.sorted === key ? !this.falling : false;
    this.sorted = key;
    this.sift();
  }

  sift() {
    const text = (row) => COLUMNS.map((column) => this.text(column.key, row)).join(" ").toLowerCase();
    const all = Uint32Array.from({ length: this.length }, (_, row) => row);
    this.order = this.words.length ? all.filter((row) => { const found = text(row); return this.words.every((word) => found.includes(word)); }) : all;
    const value = this.value[this.sorted], sign = this.falling ? -1 : 1;
    if (this.sorted !== "row" || this.falling) {
      this.order.sort((one, two) => { const a = value(one), b = value(two); return (a < b ? -sign : a > b ? sign : one - two); });
    }
    COLUMNS.forEach((column, i) => this.heads[i].setAttribute("aria-sort", column.key !== this.sorted ? "none" : this.falling ? "descending" : "ascending"));
    const profit = this.order.reduce((sum, row) => sum + this.value.profit(row), 0);
    const left = facts.trades.left_out ? `; the first ${facts.trades.left_out} are in the tables of the run` : "";
    document.getElementById("found").textContent = `${size(this.order.length)} of ${size(facts.trades.count)} trades, profit ${signed(profit, 2)} ${facts.currency}${left}`;
    this.host.scrollTop = 0;
    this.draw();
  }

  draw() {
    const first = Math.max(0, Math.floor(this.host.scrollTop / ROW_PIXELS) - 10), last = Math.min(this.order.length, first + Math.ceil(this.host.clientHeight / ROW_PIXELS) + 24);
    const space = (pixels) => { const row = document.createElement("tr"); row.className = "space"; row.innerHTML = `<td colspan="${COLUMNS.length}" style="height:${pixels}px"></td>`; return row; };
    const rows = [space(first * ROW_PIXELS)];
    for (let i = first; i < last; i++) {
      const row = document.createElement("tr"), trade = this.order[i];
      row.dataset.row = trade;
      for (const column of COLUMNS) {
        const cell = row.insertCell();
        cell.textContent = this.text(column.key, trade);
        if (column.number) cell.className = "number";
        if (column.key === "profit") cell.className = `number ${this.value.profit(trade) >= 0 ? "gain" : "loss"}`;
      }
      rows.push(row);
    }
    rows.push(space((this.order.length - last) * ROW_PIXELS));
    this.body.replaceChildren(...rows);
  }
}
