// The page: takes file and checkpoint, and says in the reader's language what came of it.

const WORDS = {words};

let language = (navigator.languages ?? [navigator.language]).find((tag) => /^(pl|en)\b/.test(tag))?.slice(0, 2) ?? 'en';

/** A sentence of words.json in `tongue`, with its places filled. */
const sayIn = (tongue, key, ...about) => WORDS[tongue][key].replace(/\{(\d)\}/g, (_, index) => about[index]);
const say = (key, ...about) => sayIn(language, key, ...about);

function placeIn(tongue, { kind, numbers }) {
  if (kind === 'file' && numbers.length > 0) return sayIn(tongue, 'at fileLine', ...numbers);
  if (kind !== 'entries') return sayIn(tongue, `at ${kind}`, ...numbers);
  const [from, to] = numbers;
  return from + 1 === to ? sayIn(tongue, 'at entry', from) : sayIn(tongue, 'at entries', from, to - 1);
}

const whatIn = (tongue, { what, about }) => sayIn(tongue, `is ${what}`, ...about);

const node = (name, content = [], attributes = {}) => {
  const made = document.createElement(name);
  made.append(...[content].flat());
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

const number = (value) => new Intl.NumberFormat(language).format(value);

function duration(ms) {
  const seconds = Math.floor(Number(ms) / 1000);
  if (seconds === 0) return '0';
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds % 3600 / 60)];
  return hours > 0 ? say('hours', number(hours), minutes) : say('minutes', minutes, seconds % 60);
}

const when = (ms) => {
  const at = new Date(Number(ms));
  const two = (value) => String(value).padStart(2, '0');
  const month = say('months').split(' ')[at.getUTCMonth()];
  return `${at.getUTCDate()} ${month} ${at.getUTCFullYear()}, ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
};

const percent = (part, whole) =>
  new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(whole > 0n ? Number(part * 10_000n / whole) / 10_000 : 0);

function table(caption, columns, rows) {
  const head = columns.map(([text, numeric]) => node('th', text, { scope: 'col', class: numeric ? 'number' : '' }));
  const cell = (row, text, index) => node('td', text, row.length === 1 ? { colspan: columns.length } : { class: columns[index][1] ? 'number' : '' });
  const cells = (row) => row.map((text, index) => cell(row, text, index));
  const body = node('tbody', rows.map((row) => node('tr', cells(row))));
  const made = node('table', [node('thead', node('tr', head)), body], { 'aria-label': caption });
  return node('div', made, { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption });
}

const list = (pairs) => node('dl', pairs.flatMap(([term, text]) => [node('dt', term), node('dd', text)]));

/** Gaps of all places by reason, the longest together first. */
function reasons(places) {
  const found = new Map();
  for (const [place, sums] of places) {
    for (const gap of sums.gaps) {
      const cause = gap.cause ?? 'not-told';
      const key = `${place}\n${cause}`;
      const ms = gap.end - gap.start;
      const sum = found.get(key) ?? { place, cause, times: 0, ms: 0n, longest: null };
      sum.times += 1;
      sum.ms += ms;
      if (!sum.longest || ms > sum.longest.end - sum.longest.start) sum.longest = gap;
      found.set(key, sum);
    }
  }
  return [...found.values()].sort((a, b) => (a.ms > b.ms ? -1 : a.ms < b.ms ? 1 : 0));
}

/** More lines than this are summed up: the report is one page. */
const PLACES_MAX = 8;
const REASONS_MAX = 12;

function shortened(rows, most) {
  if (rows.length <= most) return rows;
  return [...rows.slice(0, most), [say('more', rows.length - most)]];
}

/** The report on a ledger that is whole. */
function written(verdict) {
  const { file, first, keys, entries, wholeFrom, foldedEarly: early, seen, notices, missing, account } = verdict;
  const places = [...account.places].sort(([a], [b]) => (a < b ? -1 : 1));
  const clock = account.untrusted.reduce((sum, { start, end }) => sum + (end - start), 0n);
  const facts = [
    [say('shop'), file.shop],
    [say('firstKey'), [first.text, node('br'), node('small', say('firstKeyHint'))]],
    [say('period'), account.period ? `${say('from to', when(account.period.start), when(account.period.end))}; ${say('clocks', 'UTC')}` : say('periodNone')],
    [say('entries'), [say('entriesOf', number(entries), number(keys)), wholeFrom > 0 ? ` ${say('folded', number(wholeFrom - 1))}` : '',
      early ? ` ${say('foldedEarly', LEDGER_DAYS)}` : '']],
    [say('keptTitle'), seen > 0 ? say('keptSome', seen) : say('keptNone')],
    [say('pictures'), say('picturesOf', number(notices - missing.length), number(notices))],
    [say('clock'), clock > 0n ? say('clockOf', duration(clock), account.untrusted.length, when(account.untrusted[0].start)) : say('clockNone')],
  ];
  const two = (place) => place.split('\n');
  const sums = places.map(([place, of]) => [
    ...two(place), duration(of.open), duration(of.noticed), duration(of.attested), duration(of.ms - of.open), percent(of.open, of.ms),
    of.unnoticed > 0n ? duration(of.unnoticed) : say('never'),
  ]);
  const gaps = reasons(places).map(({ place, cause, times, ms, longest }) => [
    ...two(place), say(`why ${cause}`), number(times), duration(ms), say('longestAt', duration(longest.end - longest.start), when(longest.start)),
  ]);
  const columns = (...keys) => keys.map((key, index) => [say(key), index > 1]);
  const gapColumns = ['zone', 'activity', 'reason', 'times', 'total', 'longest'].map((key, index) => [say(key), index > 2]);
  const parts = [
    list(facts),
    node('h2', say('coverage')),
    places.length > 0 ? table(say('coverage'), columns('zone', 'activity', 'monitored', 'noticed', 'attested', 'notRecorded', 'share', 'without'), shortened(sums, PLACES_MAX))
      : node('p', say('nothingOpen')),
    node('p', node('small', say('attestedHint'))),
    node('h2', say('gaps')),
    gaps.length > 0 ? table(say('gaps'), gapColumns, shortened(gaps, REASONS_MAX)) : node('p', say('gapsNone')),
    node('h2', say('proves')),
    node('p', say('provesText')),
    node('h2', say('head')),
    node('p', node('small', say('headHint'))),
    node('pre', file.checkpoints.at(-1), { tabindex: '0', id: 'head' }),
  ];
  return [...parts, ...details(verdict, places), printing()];
}

/** What is too long for a page of paper. */
function details({ file }, places) {
  const made = [];
  if (file.notices.length > 0) {
    const figure = ({ hash, panel, png }) =>
      node('figure', [node('img', [], { src: `data:image/png;base64,${png}`, alt: `${panel} ${hash}`, decoding: 'async' }), node('figcaption', hash)]);
    made.push(folding(say('showPictures'), () => file.notices.map(figure)));
  }
  const rows = () => places.flatMap(([place, { gaps }]) =>
    gaps.map((gap) => [...place.split('\n'), when(gap.start), when(gap.end), say(`why ${gap.cause ?? 'not-told'}`)]));
  const title = say('allGaps');
  const columns = () => [say('zone'), say('activity'), ...say('from to', '\n', '\n').split('\n').slice(0, 2), say('reason')].map((text) => [text.trim(), false]);
  if (places.some(([, { gaps }]) => gaps.length > 0)) made.push(folding(title, () => table(title, columns(), rows())));
  return made;
}

/** Something that is made only when it is opened: a year has thousands of lines. */
function folding(title, content) {
  const made = node('details', node('summary', title));
  made.addEventListener('toggle', () => { if (made.childElementCount === 1) made.append(...[content()].flat()); });
  return made;
}

function printing() {
  const button = node('button', say('print'), { type: 'button' });
  button.addEventListener('click', () => print());
  return node('p', button);
}

/** What came of the last check: told again in the other language without checking again. */
let outcome = null;

function tell() {
  document.documentElement.lang = language;
  document.title = say('title');
  for (const element of document.querySelectorAll('[data-say]')) element.textContent = say(element.dataset.say);
  const [verdict, report] = [document.getElementById('verdict'), document.getElementById('report')];
  const { kind, about } = outcome ?? { kind: '' };
  verdict.className = kind;
  report.replaceChildren();
  const lines = {
    '': () => [],
    working: () => [say('working')],
    unable: () => [say('unable')],
    failed: () => [say('failed', about)],
    unread: () => [say('unread', say(...about))],
    noFile: () => [say('noFile')],
    bad: () => [say('bad'), say('badWhere', placeIn(language, about.place)), whatIn(language, about), say('badRest')],
    good: () => {
      const some = [...about.account.places.values()].some(({ unnoticed }) => unnoticed > 0n);
      report.append(...written(about));
      return [say('good'), say('whole'), say(some ? 'noticedElse' : 'noticedAlways')];
    },
  };
  verdict.replaceChildren(...lines[kind]().map((line) => node('p', line)));
}

function set(kind, about) {
  outcome = { kind, about };
  tell();
}

/** Kept by hand, a checkpoint may have lost its last line end, or have those of another system. */
const mended = (note) => `${note.replaceAll('\r\n', '\n').replace(/^\s+|\n+$/g, '')}\n`;

async function check(file) {
  if (!file) return set('noFile');
  set('working');
  if (file.size > FILE_MAX) return set('unread', ['tooLong', FILE_MAX]);
  const pasted = document.getElementById('seen').value;
  try {
    if (!await isAble()) return set('unable');
    const bytes = await file.arrayBuffer();
    let text;
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return set('unread', ['notText']);
    }
    const seen = pasted.trim() === '' ? [] : [{ name: say('pasted'), note: mended(pasted) }];
    set('good', await verify(text, seen));
  } catch (error) {
    if (error instanceof Fault) set('bad', error);
    else set('failed', error.message);
  }
  document.getElementById('verdict').focus();
}

let dropped = null;
const input = document.getElementById('file');
input.addEventListener('change', () => { dropped = null; });
document.getElementById('asked').addEventListener('submit', (event) => {
  event.preventDefault();
  check(dropped ?? input.files[0]);
});
document.getElementById('language').addEventListener('click', () => {
  language = language === 'pl' ? 'en' : 'pl';
  tell();
});
addEventListener('dragover', (event) => {
  event.preventDefault();
  document.body.classList.add('dropping');
});
addEventListener('dragleave', () => document.body.classList.remove('dropping'));
addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('dropping');
  [dropped] = event.dataTransfer.files;
  check(dropped);
});

// For whoever wants to judge many files: `await noticed.judge(text, [{ name, note }])` in the developers' console.
globalThis.noticed = { judge };
tell();
