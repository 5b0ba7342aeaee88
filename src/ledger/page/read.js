// Reading: bytes, base64, and JSON that may have one meaning only.

/** Longest file that is read, in bytes. */
const FILE_MAX = 64 * 1024 * 1024;

const utf8 = new TextEncoder();

/** What is wrong, and where: both are said in the reader's language. */
class Fault extends Error {
  constructor(place, what, ...about) {
    super(what);
    Object.assign(this, { place, what, about });
  }
}

const at = (kind, ...numbers) => ({ kind, numbers });

function join(parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest('SHA-256', join(parts)));

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

const equal = (a, b) => a.length === b.length && a.every((byte, index) => byte === b[index]);

/** The bytes of a text in base64 with padding (RFC 4648 §4); nothing if it has another form, or bits that mean nothing are not zero. */
function base64(text) {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  const raw = atob(text);
  if (btoa(raw) !== text) return null;
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

/** A name in the export, as docs/ledger.md bounds it. */
const isId = (text) => /^[a-z0-9][a-z0-9_-]{0,47}$/.test(text);

/** JSON with exactly the keys that are asked for, none twice, and no half letters. JSON.parse would take what other readers refuse. */
class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  wrong(expected) {
    const before = this.text.slice(0, this.at).split('\n');
    throw new Fault(at('file', before.length, before.at(-1).length + 1), 'json', expected);
  }

  space() {
    while (' \n\r\t'.includes(this.text[this.at] ?? '-')) this.at += 1;
  }

  next(letter) {
    this.space();
    const is = this.text[this.at] === letter;
    if (is) this.at += 1;
    return is;
  }

  expect(letter) {
    if (!this.next(letter)) this.wrong(letter);
  }

  string() {
    this.expect('"');
    let end = this.at;
    for (let code; (code = this.text.charCodeAt(end)) !== 0x22; end += code === 0x5c ? 2 : 1) {
      if (Number.isNaN(code)) this.wrong('"');
    }
    let read;
    try {
      read = JSON.parse(this.text.slice(this.at - 1, end + 1));
    } catch {
      this.wrong('"…"');
    }
    if (/[\ud800-\udfff]/u.test(read)) this.wrong('"…"');
    this.at = end + 1;
    return read;
  }

  /** A whole number of up to 64 bits, exactly. */
  whole() {
    this.space();
    const digits = /(?:0|[1-9][0-9]*)(?![0-9.eE])/y;
    digits.lastIndex = this.at;
    const found = digits.exec(this.text);
    if (!found || BigInt(found[0]) >= 1n << 64n) this.wrong('0…');
    this.at = digits.lastIndex;
    return BigInt(found[0]);
  }

  list(member) {
    const members = [];
    this.expect('[');
    if (this.next(']')) return members;
    do members.push(member()); while (this.next(','));
    this.expect(']');
    return members;
  }

  object(members) {
    const found = {};
    this.expect('{');
    if (!this.next('}')) {
      do {
        this.space();
        const key = this.string();
        if (!Object.hasOwn(members, key) || Object.hasOwn(found, key)) this.wrong(Object.keys(members).join(', '));
        this.expect(':');
        found[key] = members[key]();
      } while (this.next(','));
      this.expect('}');
    }
    for (const key of Object.keys(members)) if (!Object.hasOwn(found, key)) this.wrong(key);
    return found;
  }

  end() {
    this.space();
    if (this.at < this.text.length) this.wrong('∎');
  }
}

/** The export in a text. */
function readExport(text) {
  const reader = new Reader(text);
  const string = () => reader.string();
  const strings = () => reader.list(string);
  const whole = () => reader.whole();
  const folded = () => reader.object({ from: whole, to: whole, hashes: strings });
  const picture = () => reader.object({ hash: string, panel: string, png: string });
  const file = reader.object({
    format: string,
    shop: string,
    keys: strings,
    folded: () => reader.list(folded),
    entries: strings,
    checkpoints: strings,
    notices: () => reader.list(picture),
  });
  reader.end();
  return file;
}
