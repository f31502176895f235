// Numbers and times for people; everything is UTC.
const two = (number) => String(number).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function day(ms) {
  const at = new Date(ms);
  return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
}

function moment(ms) {
  const at = new Date(ms), seconds = at.getUTCSeconds();
  return `${day(ms)} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}${seconds ? ":" + two(seconds) : ""}`;
}

const formats = new Map();
function fixed(value, decimals) {
  if (!formats.has(decimals)) {
    formats.set(decimals, new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
  }
  return formats.get(decimals).format(value);
}

const plain = new Intl.NumberFormat("en-US", { maximumFractionDigits: 8 });
const size = (value) => plain.format(value);
const percent = (value, decimals = 2) => `${fixed(100 * value, decimals)} %`;
const signed = (value, decimals) => (value > 0 ? "+" : "") + fixed(value, decimals);

function short(value) {
  const most = Math.abs(value);
  for (const [limit, letter] of [[1e9, "B"], [1e6, "M"], [1e4, "k"]]) {
    if (most >= limit) return `${+(value / (limit === 1e4 ? 1e3 : limit)).toPrecision(4)}${letter}`;
  }
  return String(+value.toPrecision(5));
}
