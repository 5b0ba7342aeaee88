// What the entries say: whether they can have been written in this order, and the arithmetic of the promise.

const contradiction = (record, what, ...about) => { throw new Fault(at('entry', record.seq), what, ...about); };

const boots = (records) => {
  const found = [];
  for (const record of records) {
    if (found.at(-1)?.[0].boot !== record.boot) found.push([]);
    found.at(-1).push(record);
  }
  return found;
};

function checkOrder(records, wholeFrom) {
  if (records.length > 0 && wholeFrom === 0 && records[0].event !== 'started') contradiction(records[0], 'noStart');
  const known = new Set();
  boots(records).forEach((boot, index) => {
    const [first] = boot;
    const whole = first.seq >= wholeFrom;
    if (index > 0 && whole && first.event !== 'started') contradiction(first, 'bootNoStart', first.boot);
    if (known.has(first.boot)) contradiction(first, 'bootBack', first.boot);
    known.add(first.boot);
    checkBoot(boot, whole);
  });
}

function checkBoot(boot, whole) {
  const begin = boot[0].mono;
  let latest = null;
  const last = new Map();
  for (const record of boot) {
    const { mono, event } = record;
    if (whole && mono < begin) contradiction(record, 'beforeStart');
    const atOnce = ['started', 'configured', 'shown'].includes(event);
    if (atOnce && latest !== null && mono < latest) contradiction(record, 'datedBack', latest - mono);
    if (latest === null || mono > latest) latest = mono;
    if (event === 'started' || event === 'configured') continue;
    const subject = record.sign === undefined ? placeOf(record) : record.sign;
    if (last.has(subject) && mono < last.get(subject)) contradiction(record, 'subjectBack');
    last.set(subject, mono);
  }
}

/** The wall time of each entry; those from before the clock was believed go by the next one of which it was, or else the last. */
function dated(inTime) {
  const offset = (record) => record.wall - record.mono;
  const lastTrusted = inTime.findLast((record) => record.trusted);
  let next = lastTrusted ? offset(lastTrusted) : null;
  const walls = inTime.toReversed().map((record) => {
    if (record.trusted) next = offset(record);
    return record.mono + (next ?? offset(record));
  });
  return walls.reverse();
}

/** Adds up what the entries tell. */
class Account {
  rules = new Map();
  shown = new Map();
  open = new Set();
  causes = new Map();
  ended = null;
  period = null;
  places = new Map();
  untrusted = [];

  constructor(records, wholeFrom) {
    checkOrder(records, wholeFrom);
    for (const boot of boots(records)) this.boot(boot, wholeFrom);
  }

  boot(records, wholeFrom) {
    this.shown.clear();
    for (const place of this.open) this.causes.set(place, 'shutdown');
    this.open.clear();
    const firstWhole = records.find((record) => record.seq >= wholeFrom);
    if (!firstWhole) {
      records.forEach((record) => this.apply(record));
      return;
    }
    const before = records.filter((record) => record.seq < wholeFrom);
    const begin = before.reduce((latest, { mono }) => (mono > latest ? mono : latest), firstWhole.mono);
    const inTime = [...records].sort((a, b) => (a.mono < b.mono ? -1 : a.mono > b.mono ? 1 : 0));
    const walls = dated(inTime);
    this.bridge(walls[0]);
    inTime.forEach((record, index) => {
      this.apply(record);
      const until = (inTime[index + 1] ?? record).mono;
      const from = record.mono > begin ? record.mono : begin;
      if (from < until) {
        const start = walls[index] + (from - record.mono);
        this.span(record, { start, end: start + (until - from) });
      }
    });
    this.ended = walls.at(-1);
  }

  /** The time between two boots: nothing was counted. */
  bridge(until) {
    if (this.ended === null || this.ended >= until) return;
    for (const place of this.rules.keys()) this.closed(place, { start: this.ended, end: until }, 'shutdown');
  }

  apply(record) {
    const place = placeOf(record);
    switch (record.event) {
      case 'configured':
        if (record.rules.some((rule) => rule.mode === 'enforce' && rule.quorum === 0)) contradiction(record, 'noQuorum');
        this.rules = new Map(record.rules.map((rule) => [placeOf(rule), rule]));
        break;
      case 'shown': this.shown.set(record.sign, record); break;
      case 'gone': this.shown.delete(record.sign); break;
      case 'opened': this.open.add(place); break;
      case 'closed':
        this.open.delete(place);
        this.causes.set(place, record.cause);
        break;
    }
  }

  /** How many signs of a rule are known well enough to say so, and how many of them by devices alone. */
  known(rule) {
    const saying = rule.signs.map((sign) => this.shown.get(sign)).filter((shown) =>
      shown && shown.evidence >= rule.evidence && shown.activities.includes(rule.activity));
    return { all: saying.length, devices: saying.filter((shown) => GRADES[shown.evidence] === 'confirmed').length };
  }

  /** Accounts for a span in which nothing changes. */
  span(record, span) {
    const ms = span.end - span.start;
    for (const place of this.open) if (!this.rules.has(place)) contradiction(record, 'noRule', ...place.split('\n'));
    const states = [...this.rules].map(([place, rule]) => {
      const { all, devices } = this.known(rule);
      return { place, rule, open: this.open.has(place), noticed: all >= rule.quorum, attested: devices < rule.quorum };
    });
    for (const { place, rule, open, noticed, attested } of states) {
      const enforced = rule.mode === 'enforce';
      if (open && !noticed && enforced) contradiction(record, 'unnoticed', ms, rule.zone, rule.activity);
      if (!open) this.closed(place, span, this.causes.get(place) ?? null);
      const sums = this.sums(place);
      sums.enforced &&= enforced;
      if (open) {
        sums.ms += ms;
        sums.open += ms;
      }
      if (noticed) {
        sums.noticed += ms;
        if (attested) sums.attested += ms;
      } else if (open) {
        sums.unnoticed += ms;
      }
    }
    if (!record.trusted) append(this.untrusted, span);
    this.widen(span);
  }

  closed(place, span, cause) {
    this.widen(span);
    const sums = this.sums(place);
    sums.ms += span.end - span.start;
    append(sums.gaps, { ...span, cause });
  }

  sums(place) {
    if (!this.places.has(place)) {
      this.places.set(place, { enforced: true, ms: 0n, open: 0n, noticed: 0n, attested: 0n, unnoticed: 0n, gaps: [] });
    }
    return this.places.get(place);
  }

  widen({ start, end }) {
    this.period ??= { start, end };
    if (start < this.period.start) this.period.start = start;
    if (end > this.period.end) this.period.end = end;
  }
}

/** Appends a span, or makes the last one longer if this goes on with it for the same cause. */
function append(spans, span) {
  const last = spans.at(-1);
  if (last && last.end === span.start && last.cause === span.cause) last.end = span.end;
  else spans.push({ ...span });
}
