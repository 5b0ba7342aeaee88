// The judgement, in the order of docs/ledger.md; the first wrong thing is thrown.

/** The log put together from entries and from spans of which only hashes are left. */
async function inOrder(file, records) {
  const folded = file.folded.map((span, index) => {
    const place = at('folded', index);
    if (span.from >= span.to) throw new Fault(place, 'foldEmpty');
    if (span.to > WHOLE_MAX) throw new Fault(place, 'foldFar');
    const [from, to] = [Number(span.from), Number(span.to)];
    const hashes = span.hashes.map(base64);
    if (!hashes.every((hash) => hash?.length === 32)) throw new Fault(place, 'foldHash');
    const levels = cover(from, to);
    if (levels.length !== hashes.length) throw new Fault(place, 'foldCount', hashes.length, levels.length);
    return { place, from, to, levels, hashes };
  });
  const AT_ONCE = 1024;
  const lines = [];
  for (let begin = 0; begin < records.length; begin += AT_ONCE) {
    const some = records.slice(begin, begin + AT_ONCE).map(async ({ seq }, index) => {
      const hash = await sha256([0], utf8.encode(file.entries[begin + index]));
      return { place: at('line', begin + index), from: seq, to: seq + 1, levels: [0], hashes: [hash] };
    });
    lines.push(...await Promise.all(some));
  }
  const pieces = [];
  for (let next = 0, f = 0, l = 0; f < folded.length || l < lines.length;) {
    const foldedFirst = f < folded.length && (l >= lines.length || folded[f].from <= lines[l].from);
    const piece = foldedFirst ? folded[f++] : lines[l++];
    if (piece.from !== next) throw new Fault(piece.place, piece.from > next ? 'missing' : 'twice', piece.from, next);
    next = piece.to;
    pieces.push(piece);
  }
  return pieces;
}

async function appendPiece(tree, piece) {
  for (const [index, level] of piece.levels.entries()) await tree.push(level, piece.hashes[index]);
}

/** Checkpoints, one after the other: the tree, who signed, and who signs next. */
async function succession(file, pieces, first) {
  const total = pieces.at(-1)?.to ?? 0;
  const tree = new Tree();
  const reigns = [];
  let waiting = 0;
  let next = first;
  for (const [index, text] of file.checkpoints.entries()) {
    const here = at('checkpoint', index);
    const key = next;
    if (!key) throw new Fault(here, 'noSuccessor');
    const note = readNote(text, here);
    const said = await readCheckpoint(note.text, here);
    if (!await signedBy(note, key, here)) throw new Fault(here, 'notSigned', key.text);
    const from = tree.size;
    if (said.origin !== first.name) throw new Fault(here, 'otherLog', said.origin, first.name);
    if (said.size <= from) throw new Fault(here, 'notMore', said.size, from);
    if (said.size > total) throw new Fault(at('entry', total), 'cut', index, said.size);
    while (tree.size < said.size) await appendPiece(tree, pieces[waiting++]);
    if (tree.size > said.size) throw new Fault(here, 'inFold', said.size);
    if (!equal(await tree.root(), said.root)) throw new Fault(at('entries', from, said.size), 'otherRoot', index);
    if (said.next && said.next.name !== first.name) throw new Fault(here, 'nextOther');
    next = said.next;
    reigns.push({ key, from, to: said.size, next });
  }
  if (next) {
    const last = file.checkpoints.length - 1;
    throw last < 0 ? new Fault(at('file'), 'nothingSigned') : new Fault(at('checkpoint', last), 'neverSigns', next.text);
  }
  if (tree.size < total) throw new Fault(at('entries', tree.size, total), 'unsigned');
  return reigns;
}

/** A checkpoint that somebody kept. */
async function checkSeen(seen, first, reigns, pieces) {
  const place = at('seen', seen.name);
  const wrong = (why, ...about) => { throw new Fault(place, why, ...about); };
  const note = readNote(seen.note, place);
  const said = await readCheckpoint(note.text, place);
  if (said.origin !== first.name) wrong('otherLog', said.origin, first.name);
  let reign = null;
  for (const one of reigns) if (!reign && await signedBy(note, one.key, place)) reign = one;
  if (!reign) wrong('seenStranger');
  const total = pieces.at(-1)?.to ?? 0;
  if (said.size > total) wrong('seenCut', said.size, total);
  if (said.size <= reign.from || said.size > reign.to) wrong('seenTurn', said.size, reign.from + 1, reign.to);
  const tree = new Tree();
  for (const piece of pieces) {
    if (piece.to > said.size) break;
    await appendPiece(tree, piece);
  }
  if (tree.size !== said.size) wrong('inFold', said.size);
  if (!equal(await tree.root(), said.root)) wrong('seenOther', said.size);
  if (said.next && said.next.text !== reign.next?.text) wrong('seenNext');
}

const DAY_MS = 86_400_000n;
const LEDGER_DAYS = 400n;
const FEWER_DAYS_ALLOWED = 31n;

function foldedEarly(records, wholeFrom) {
  const whole = records.filter((record) => record.seq >= wholeFrom && record.trusted);
  const days = whole.length < 2 ? -1n : (whole.at(-1).wall - whole[0].wall) / DAY_MS;
  return wholeFrom > 0 && days < LEDGER_DAYS - FEWER_DAYS_ALLOWED;
}

/** Whether this browser can do what is needed: tried on a known answer (RFC 8032 §7.1, test 2), never taken for granted. */
async function isAble() {
  try {
    const bytes = (digits) => Uint8Array.from(digits.match(/../g), (pair) => Number.parseInt(pair, 16));
    const key = { public: bytes('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c') };
    const signature = bytes('92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da'
      + '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00');
    const empty = hex(await sha256());
    return empty === 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
      && await hasSigned(key, 'r', signature) && !await hasSigned(key, 's', signature)
      && typeof DecompressionStream === 'function' && typeof [].toReversed === 'function';
  } catch {
    return false;
  }
}

/** Judges the text of a file, beside checkpoints that were kept. */
async function verify(text, seen = []) {
  if (!await isAble()) throw new Error('unable');
  const file = readExport(text);
  const wrong = (why, ...about) => { throw new Fault(at('file'), why, ...about); };
  if (file.format !== 'noticed-evidence-1') wrong('format', file.format);
  if (!isId(file.shop)) wrong('shop', file.shop);
  if (file.keys.length !== 1) wrong('keys', file.keys.length);
  const first = await readKey(file.keys[0]) ?? wrong('key', file.keys[0]);
  if (first.name !== `noticed/${file.shop}`) wrong('keyName', first.name);
  const records = file.entries.map((line, index) => {
    try {
      return readEntry(line);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      throw new Fault(at('line', index), 'malformed', error.column, error.expected, error.found);
    }
  });
  const pieces = await inOrder(file, records);
  const reigns = await succession(file, pieces, first);
  for (const kept of seen) await checkSeen(kept, first, reigns, pieces);
  const shown = [...new Set(records.filter(({ event }) => event === 'shown').map(({ notice }) => notice))].sort();
  const missing = await checkPictures(file, shown);
  const wholeFrom = file.folded.reduce((most, { to }) => Math.max(most, Number(to)), 0);
  const account = new Account(records, wholeFrom);
  return {
    file, first, keys: reigns.length, entries: pieces.at(-1)?.to ?? 0, wholeFrom, foldedEarly: foldedEarly(records, wholeFrom),
    seen: seen.length, notices: shown.length, missing, account,
  };
}

/** A moment as `noticed ledger verify --format json` writes it: whole seconds, UTC. */
const moment = (ms) => new Date(Number(ms)).toISOString().replace(/\.[0-9]{3}Z$/, '+00:00');

/** The same answer as `noticed ledger verify --format json` gives. */
async function judge(text, seen) {
  try {
    return report(await verify(text, seen));
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return { whole: false, place: placeIn('en', fault.place), what: whatIn('en', fault) };
  }
}

function report({ file, first, keys, entries, wholeFrom, foldedEarly: early, seen, notices, missing, account }) {
  const seconds = (ms) => Number(ms / 1000n);
  const span = ({ start, end }) => ({ from: moment(start), to: moment(end) });
  const places = [...account.places].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    whole: true,
    shop: file.shop,
    key: first.text,
    keys,
    entries,
    whole_from: wholeFrom,
    folded_early: early,
    seen,
    notices,
    missing_notices: missing,
    from: account.period ? moment(account.period.start) : null,
    to: account.period ? moment(account.period.end) : null,
    untrusted: account.untrusted.map(span),
    zones: places.map(([place, sums]) => ({
      zone: place.split('\n')[0],
      activity: place.split('\n')[1],
      enforced: sums.enforced,
      seconds: seconds(sums.ms),
      open_seconds: seconds(sums.open),
      noticed_seconds: seconds(sums.noticed),
      attested_seconds: seconds(sums.attested),
      unnoticed_seconds: seconds(sums.unnoticed),
      gaps: sums.gaps.map((gap) => ({ ...span(gap), reason: gap.cause ?? 'not-told' })),
    })),
    checkpoint: file.checkpoints.at(-1) ?? '',
  };
}
