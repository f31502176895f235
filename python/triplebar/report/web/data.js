// The other half of packing.py: one inflated block of bytes, and arrays cut out of it when they are first asked for.
const facts = JSON.parse(document.getElementById("facts").textContent);

async function unpack() {
  const text = atob(document.getElementById("arrays").textContent.trim());
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const known = new Map();
  return (name) => {
    if (!known.has(name)) known.set(name, decode(bytes, facts.arrays[name]));
    return known.get(name);
  };
}

function decode(bytes, { offset, length, steps, scale }) {
  const values = new Float64Array(length);
  let sum = 0, slope = 0;
  for (let i = 0; i < length; i++) {
    const at = offset + i;
    const zigzag = (bytes[at] | (bytes[at + length] << 8) | (bytes[at + 2 * length] << 16) | (bytes[at + 3 * length] << 24)) >>> 0;
    const value = (zigzag >>> 1) ^ -(zigzag & 1);
    if (steps === 0) sum = value;
    else if (steps === 1) sum += value;
    else { slope += value; sum += slope; }
    values[i] = sum / scale;
  }
  return values;
}

// Times in milliseconds since 1970.
function times(array, name, { origin, unit }) {
  return array(name).map((passed) => origin + passed * unit);
}

// The first place in a sorted array that is not below a value.
function place(sorted, value) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1; else high = middle;
  }
  return low;
}
