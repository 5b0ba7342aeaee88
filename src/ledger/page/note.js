// Keys, signed notes and checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), and the tree (RFC 6962 §2.1).

const NOTE_MAX = 16 * 1024;
const SIGNATURES_MAX = 32;

const isKeyName = (name) => name !== '' && !/[\p{White_Space}\p{Cc}+]/u.test(name);

/** The key of a text `name+hash+key`; nothing if it is none. */
async function readKey(text) {
  const [name, id, ...rest] = text.split('+');
  const key = base64(rest.join('+'));
  if (rest.length === 0 || !key || key.length !== 33 || key[0] !== 1 || !isKeyName(name)) return null;
  const hash = (await sha256(utf8.encode(`${name}\n`), key)).slice(0, 4);
  return hex(hash) === id ? { text, name, id, public: key.slice(1) } : null;
}

/** Whether `key` made the signature over `text`. A key that is no point of the curve has made none. */
async function hasSigned(key, text, signature) {
  try {
    const point = await crypto.subtle.importKey('raw', key.public, 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', point, signature, utf8.encode(text));
  } catch {
    return false;
  }
}

/** A note in its parts; what is wrong with it is a fault at `place`. */
function readNote(note, place) {
  const wrong = (why, ...about) => { throw new Fault(place, why, ...about); };
  if (utf8.encode(note).length > NOTE_MAX) wrong('noteLong', NOTE_MAX);
  if (/[\0-\x09\x0b-\x1f\x7f]/.test(note)) wrong('noteForm');
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n') || note.length < split + 3) wrong('noteForm');
  const signatures = note.slice(split + 2, -1).split('\n').map((line) => {
    const [, name, encoded] = /^— ([^ ]*) (.*)$/s.exec(line) ?? wrong('noteForm');
    const bytes = base64(encoded);
    if (!isKeyName(name) || !bytes || bytes.length < 5) wrong('noteForm');
    return { name, id: hex(bytes.slice(0, 4)), bytes: bytes.slice(4) };
  });
  if (signatures.length > SIGNATURES_MAX) wrong('noteForm');
  return { text: note.slice(0, split + 1), signatures };
}

/** Whether `key` signed the note; a signature that names it and is wrong is a fault. */
async function signedBy(note, key, place) {
  const own = note.signatures.filter((signature) => signature.name === key.name && signature.id === key.id);
  for (const signature of own) {
    if (!await hasSigned(key, note.text, signature.bytes)) throw new Fault(place, 'forged', key.text);
  }
  return own.length > 0;
}

/** What the text of a checkpoint says. */
async function readCheckpoint(text, place) {
  const wrong = () => { throw new Fault(place, 'checkpointForm'); };
  const [origin, size, root, ...more] = text.slice(0, -1).split('\n');
  const hash = base64(root ?? '');
  if (!origin || !/^(?:0|[1-9][0-9]{0,19})$/.test(size ?? '') || BigInt(size) >= 1n << 64n || hash?.length !== 32) wrong();
  let next = null;
  for (const line of more) {
    if (line === '') wrong();
    if (!line.startsWith('next ')) continue;
    if (next) wrong();
    next = await readKey(line.slice(5)) ?? wrong();
  }
  return { origin, size: Number(size), root: hash, next };
}

/** The right edge of a tree: the root of each full subtree, from the largest. */
class Tree {
  size = 0;
  edge = [];

  /** Appends a full subtree of 2^`level` leaves, which fits where the tree ends. */
  async push(level, hash) {
    for (let left = Math.floor(this.size / 2 ** level); left % 2 === 1; left = (left - 1) / 2) {
      hash = await sha256([1], this.edge.pop(), hash);
    }
    this.edge.push(hash);
    this.size += 2 ** level;
  }

  async root() {
    let root = null;
    for (const hash of this.edge.toReversed()) root = root ? await sha256([1], hash, root) : hash;
    return root ?? sha256();
  }
}

/** Levels of the largest full subtrees that cover the leaves `from` to `to`, the last not included. */
function cover(from, to) {
  const levels = [];
  for (let begin = from; begin < to; begin += 2 ** levels.at(-1)) {
    let level = 0;
    while (begin % 2 ** (level + 1) === 0 && begin + 2 ** (level + 1) <= to) level += 1;
    levels.push(level);
  }
  return levels;
}
