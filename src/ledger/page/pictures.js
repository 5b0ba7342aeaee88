// Pictures: each must be what its hash says. The PNG is read here, because a canvas may change colours on its way.

const SIDE_MAX = 2560;
const SIDES_MIN = [264, 122];

/** Letters and colours of the inks (docs/ledger.md, Pictures). */
const INKS = {
  '000000': '#', 'ffffff': '.', 'ff0000': 'r', 'ffff00': 'y', '00ff00': 'g', '0000ff': 'b', 'ffa500': 'o', '555555': 'd', 'aaaaaa': 'l',
};

const PANELS = {
  bw: '#.', bwr: '#.r', bwy: '#.y', bwry: '#.yr', grey4: '#dl.', grey16: '#dl.', spectra6: '#.yrbg', acep7: '#.gbryo',
};

function readPanel(text) {
  const [, width, height, inks] = /^([0-9]+)x([0-9]+)-([a-z0-9]+)$/.exec(text) ?? [];
  const sides = [Number(width), Number(height)];
  const [longer, shorter] = [Math.max(...sides), Math.min(...sides)];
  const good = Object.hasOwn(PANELS, inks ?? '') && longer <= SIDE_MAX && longer >= SIDES_MIN[0] && shorter >= SIDES_MIN[1];
  return good ? { width: sides[0], height: sides[1], inks: PANELS[inks] } : null;
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit += 1) byte = byte & 1 ? 0xedb88320 ^ (byte >>> 1) : byte >>> 1;
  return byte;
});

const crc32 = (bytes) => ~bytes.reduce((crc, byte) => CRC[(crc ^ byte) & 255] ^ (crc >>> 8), -1) >>> 0;

/** Chunks of a PNG by name; nothing if the file is broken. */
function chunks(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (hex(file.slice(0, 8)) !== '89504e470d0a1a0a') return null;
  const found = [];
  for (let begin = 8; begin + 12 <= file.length;) {
    const length = view.getUint32(begin);
    const end = begin + 8 + length;
    if (end + 4 > file.length) return null;
    if (crc32(file.subarray(begin + 4, end)) !== view.getUint32(end)) return null;
    const name = String.fromCharCode(...file.subarray(begin + 4, begin + 8));
    found.push({ name, data: file.subarray(begin + 8, end) });
    if (name === 'IEND') return found;
    begin = end + 4;
  }
  return null;
}

async function inflate(parts, most) {
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  const out = [];
  let length = 0;
  for (let read; !(read = await stream.read()).done;) {
    length += read.value.length;
    if (length > most) return null;
    out.push(read.value);
  }
  return join(out);
}

/** Takes back the filter of a row (PNG §9.2). */
function unfilter(kind, row, above, step) {
  for (let i = 0; i < row.length; i += 1) {
    const left = i >= step ? row[i - step] : 0;
    const up = above ? above[i] : 0;
    const corner = above && i >= step ? above[i - step] : 0;
    if (kind === 1) row[i] += left;
    else if (kind === 2) row[i] += up;
    else if (kind === 3) row[i] += (left + up) >> 1;
    else if (kind === 4) {
      const guess = left + up - corner;
      const [a, b, c] = [left, up, corner].map((value) => Math.abs(guess - value));
      row[i] += a <= b && a <= c ? left : b <= c ? up : corner;
    }
  }
}

/** The letters of all pixels; nothing if the file is broken or another picture than the panel can show. */
async function pixels(file, panel) {
  const parts = chunks(file);
  if (!parts || parts[0]?.name !== 'IHDR' || parts[0].data.length !== 13 || parts.some(({ name }) => name === 'tRNS')) return null;
  const head = new DataView(parts[0].data.buffer, parts[0].data.byteOffset, 13);
  const [width, height, bits, kind] = [head.getUint32(0), head.getUint32(4), head.getUint8(8), head.getUint8(9)];
  const samples = { 0: 1, 2: 3, 3: 1 }[kind];
  const plain = head.getUint8(10) === 0 && head.getUint8(11) === 0 && head.getUint8(12) === 0;
  const depths = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8] }[kind];
  if (width !== panel.width || height !== panel.height || !plain || !depths?.includes(bits)) return null;
  const stride = Math.ceil(width * samples * bits / 8);
  const data = parts.filter(({ name }) => name === 'IDAT').map((part) => part.data);
  const raw = await inflate(data, height * (stride + 1)).catch(() => null);
  if (raw?.length !== height * (stride + 1)) return null;
  const palette = parts.find(({ name }) => name === 'PLTE')?.data ?? [];
  const letter = letters(kind, bits, palette, panel);
  const step = Math.max(1, samples * bits / 8);
  const out = new Uint8Array(width * height);
  let above = null;
  for (let y = 0; y < height; y += 1) {
    const begin = y * (stride + 1);
    const row = raw.subarray(begin + 1, begin + 1 + stride);
    if (raw[begin] > 4) return null;
    unfilter(raw[begin], row, above, step);
    above = row;
    for (let x = 0; x < width; x += 1) {
      const ink = letter(row, x);
      if (!ink) return null;
      out[y * width + x] = ink;
    }
  }
  return out;
}

/** A function from a row and a column to the letter of the pixel, 0 where its colour is no ink of the panel. */
function letters(kind, bits, palette, panel) {
  const of = (red, green, blue) => {
    const ink = INKS[hex([red, green, blue])];
    return ink && panel.inks.includes(ink) ? ink.charCodeAt(0) : 0;
  };
  if (kind === 2) {
    const each = bits / 8;
    return (row, x) => of(...[0, 1, 2].map((sample) => row[(x * 3 + sample) * each]));
  }
  const shift = Math.min(bits, 8);
  const meaning = Array.from({ length: 1 << shift }, (_, value) => {
    const grey = value * 255 / ((1 << shift) - 1);
    if (kind === 0) return of(grey, grey, grey);
    return value * 3 + 2 < palette.length ? of(...palette.slice(value * 3, value * 3 + 3)) : 0;
  });
  if (bits === 16) return (row, x) => meaning[row[x * 2]];
  const mask = (1 << bits) - 1;
  return (row, x) => meaning[(row[(x * bits) >> 3] >> (8 - bits - ((x * bits) & 7))) & mask];
}

/** Checks every picture, and says of which notices there is none. */
async function checkPictures(file, shown) {
  const given = new Set();
  for (const [index, picture] of file.notices.entries()) {
    const place = at('notice', index);
    const panel = readPanel(picture.panel);
    const bytes = base64(picture.png);
    if (!/^[0-9a-f]{64}$/.test(picture.hash) || !panel || !bytes) throw new Fault(place, 'pictureForm');
    const found = await pixels(bytes, panel);
    if (!found) throw new Fault(place, 'pictureBroken');
    const sides = new DataView(new ArrayBuffer(8));
    sides.setUint32(0, panel.width);
    sides.setUint32(4, panel.height);
    const hash = hex(await sha256(new Uint8Array(sides.buffer), found));
    if (hash !== picture.hash) throw new Fault(place, 'pictureOther', hash);
    given.add(hash);
  }
  return shown.filter((notice) => !given.has(notice));
}
