// Entries: lines that may have one form only.

const WHOLE_MAX = 2n ** 53n - 1n;

const GRADES = ['none', 'offered', 'fetched', 'confirmed', 'sighted'];

const CAUSES = ['outside-hours', 'stopped', 'no-notice', 'overdue', 'replaced', 'redrawn', 'broker', 'clock', 'store', 'shutdown', 'configuration'];

/** A place in a line. */
class Line {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  wrong(expected) {
    throw new Malformed(this.at + 1, expected, this.text.slice(this.at, this.at + 24));
  }

  expect(text) {
    if (!this.text.startsWith(text, this.at)) this.wrong(text);
    this.at += text.length;
  }

  /** What `form`, which is sticky, finds in its first group. */
  find(form, expected) {
    form.lastIndex = this.at;
    const found = form.exec(this.text);
    if (!found) this.wrong(expected);
    this.at = form.lastIndex;
    return found[1];
  }

  whole(least, most) {
    const start = this.at;
    const found = this.find(/(-?(?:0|[1-9][0-9]*))(?![0-9])/y, `${least}…${most}`);
    const value = BigInt(found);
    if (found === '-0' || value < least || value > most) {
      this.at = start;
      this.wrong(`${least}…${most}`);
    }
    return value;
  }

  id() {
    return this.find(/"([a-z0-9][a-z0-9_-]{0,47})"/y, '"a-z, 0-9, -, _"');
  }

  word(words) {
    const start = this.at;
    const found = this.find(/"([a-z-]*)"/y, words.join(' | '));
    if (!words.includes(found)) {
      this.at = start;
      this.wrong(words.join(' | '));
    }
    return found;
  }

  /** Members in ascending order of `key`, none twice. */
  list(member, key) {
    const members = [];
    this.expect('[');
    if (this.text[this.at] !== ']') {
      for (;;) {
        const start = this.at;
        const next = member();
        if (members.length > 0 && key(members.at(-1)) >= key(next)) {
          this.at = start;
          this.wrong('a < b < c');
        }
        members.push(next);
        if (this.text[this.at] !== ',') break;
        this.at += 1;
      }
    }
    this.expect(']');
    return members;
  }

  ids() {
    return this.list(() => this.id(), (id) => id);
  }
}

class Malformed extends Error {
  constructor(column, expected, found) {
    super('malformed');
    Object.assign(this, { column, expected, found });
  }
}

/** A zone and an activity as one key; it sorts as the two do one after the other. */
const placeOf = ({ zone, activity }) => `${zone}\n${activity}`;

function readRule(line) {
  line.expect('{"zone":');
  const zone = line.id();
  line.expect(',"activity":');
  const activity = line.id();
  line.expect(',"mode":');
  const mode = line.word(['enforce', 'observe']);
  line.expect(',"quorum":');
  const quorum = Number(line.whole(0n, 65535n));
  line.expect(',"evidence":');
  const evidence = GRADES.indexOf(line.word(GRADES));
  line.expect(',"signs":');
  const signs = line.ids();
  line.expect('}');
  return { zone, activity, mode, quorum, evidence, signs };
}

const EVENTS = {
  started(line) {
    line.expect(',"version":');
    return { version: line.find(/"([A-Za-z0-9.+_-]{1,64})"/y, '"version"') };
  },
  configured(line) {
    line.expect(',"rules":');
    return { rules: line.list(() => readRule(line), placeOf) };
  },
  shown(line) {
    line.expect(',"sign":');
    const sign = line.id();
    line.expect(',"notice":');
    const notice = line.find(/"([0-9a-f]{64})"/y, '"64 × 0-9a-f"');
    line.expect(',"activities":');
    const activities = line.ids();
    line.expect(',"evidence":');
    return { sign, notice, activities, evidence: GRADES.indexOf(line.word(GRADES.slice(3))) };
  },
  gone(line) {
    line.expect(',"sign":');
    const sign = line.id();
    line.expect(',"cause":');
    return { sign, cause: line.word(CAUSES) };
  },
  opened(line) {
    line.expect(',"zone":');
    const zone = line.id();
    line.expect(',"activity":');
    return { zone, activity: line.id() };
  },
  closed(line) {
    const place = EVENTS.opened(line);
    line.expect(',"cause":');
    return { ...place, cause: line.word(CAUSES) };
  },
};

/** The entry of a line. Times are exact: whole numbers without a bound. */
function readEntry(text) {
  const line = new Line(text);
  line.expect('{"seq":');
  const seq = Number(line.whole(0n, WHOLE_MAX));
  line.expect(',"boot":');
  const boot = line.find(/"([a-z0-9]{1,16})"/y, '"boot"');
  line.expect(',"mono":');
  const mono = line.whole(-WHOLE_MAX, WHOLE_MAX);
  line.expect(',"wall":');
  const wall = line.whole(-WHOLE_MAX, WHOLE_MAX);
  line.expect(',"trusted":');
  const trusted = line.find(/(true|false)/y, 'true | false') === 'true';
  line.expect(',"event":');
  const event = line.word(Object.keys(EVENTS));
  const more = EVENTS[event](line);
  line.expect('}');
  if (line.at < text.length) line.wrong('∎');
  return { seq, boot, mono, wall, trusted, event, ...more };
}
