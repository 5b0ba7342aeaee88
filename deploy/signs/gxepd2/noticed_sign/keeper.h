// What a display may show, and when it asks again.
//
// E-paper keeps its picture without power, so a display that has lost the box would go on saying what no longer holds. This part
// decides, from answers and from the time that has passed, what has to be on the glass. It names no board, no network and no clock, so that
// it can be tried on a desk (deploy/signs/host-test). The same file lies in every folder that needs it, because a sketch
// cannot reach outside its own; host-test/run fails where two differ.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

namespace noticed {

/// Digits of a notice's hash. The ETag of its picture begins with it.
constexpr size_t NOTICE_DIGITS = 64;

/// Digits of it that stand in the picture's address.
constexpr size_t ADDRESS_DIGITS = 16;

/// The box never believes for longer what nobody confirmed, in seconds, but outside opening hours.
constexpr uint32_t LEASE_MAX_S = 7200;

/// The longest sleep that is taken from an answer, in seconds.
constexpr uint32_t PAUSE_MAX_S = 86400;

/// A sleeping chip counts time by an oscillator that drifts with the temperature: by one part in so many at most. Every deadline is taken
/// on its safe side.
constexpr int64_t DRIFT = 20;

/// Makers want e-paper to be redrawn once a day, or it keeps shadows. The box says so too (`picture` in its answer); a display that counts
/// from its own last redraw needs to keep nothing but the notice, and makes no redraw too many where the box started anew.
constexpr int64_t REDRAW_S = 86400;

/// Makers want at least this between two redraws. The box keeps to it by itself; this holds back a panel that fails.
constexpr int64_t REST_S = 180;

/// No deadline wakes it sooner than this: what says "not counting" also says until when, so a few seconds harm nobody.
constexpr int64_t SOON_S = 30;

/// How soon a box that does not answer is asked again: at first, and at last, if `refresh` is not shorter.
constexpr int64_t RETRY_MIN_S = 60;
constexpr int64_t RETRY_MAX_S = 900;

/// What the technician wrote into noticed.toml, in seconds.
struct Pace {
  uint32_t refresh_s;
  uint32_t grace_s;
};

/// What the box answered to GET /signs/{id}.
struct Answer {
  /// Empty while it has nothing to show.
  char notice[NOTICE_DIGITS + 1];
  uint32_t refresh_s;
  /// For how long the notice still holds, in seconds; -1 if without end.
  int64_t left_s;
};

/// What survives a sleep. Plain numbers, because nothing constructs it after a wake.
struct Memory {
  uint32_t check;
  uint32_t told_s;
  uint32_t rest_s;
  uint8_t failures;
  /// The glass says "state unknown" by itself.
  bool own_page;
  /// The last picture could not be fetched or drawn.
  bool doubtful;
  /// The notice on the glass; empty if it shows something else, or nobody knows.
  char glass[NOTICE_DIGITS + 1];
  int64_t heard_at;
  int64_t drawn_at;
  /// When a redraw began that has not ended well; -1 if all did.
  int64_t failed_at;
  int64_t valid_at;
  int64_t valid_s;
};

enum class Step {
  /// The glass is as it should be: say so to the box.
  SAY,
  /// Fetch the notice and draw it.
  DRAW,
  /// Draw the page that says "state unknown".
  OWN_PAGE,
  /// Leave everything as it is.
  WAIT,
};

inline uint32_t checksum(const Memory &memory) {
  const uint8_t *bytes = reinterpret_cast<const uint8_t *>(&memory);
  uint32_t sum = 2166136261u;
  for (size_t i = sizeof memory.check; i < sizeof memory; ++i) sum = (sum ^ bytes[i]) * 16777619u;
  return sum;
}

class Keeper {
 public:
  /// `memory` may be anything after power came on; what does not fit its own checksum, or a clock that went back, is forgotten.
  Keeper(Memory &memory, const Pace &pace, int64_t now) : m_(memory), pace_(pace) {
    if (m_.check != checksum(m_) || now < m_.heard_at || now < m_.drawn_at || now < m_.valid_at || now < m_.failed_at) {
      forget(now);
    }
  }

  /// Whether a question may carry the sign's credential. The box believes that a display which asks with it goes on showing
  /// what it showed; so none that shows something else, or may do so soon, asks with it.
  bool may_vouch() const { return m_.glass[0] != '\0' && !m_.doubtful; }

  /// The notice on the glass; empty if it is not one.
  const char *glass() const { return m_.glass; }

  /// The box answered at `now`; `vouched` if it was asked with the credential.
  Step answered(const Answer &answer, bool vouched, int64_t now) {
    // A box that has just started, or whose clock and ours disagree about an end of validity, says nothing that may be shown.
    if (answer.notice[0] == '\0' || answer.left_s == 0) return unanswered(now);
    m_.failures = 0;
    told(answer.refresh_s);
    const bool same = strcmp(answer.notice, m_.glass) == 0;
    if (same || vouched) m_.heard_at = now;
    if (same) hold(answer.left_s, now);
    if (same && now - m_.drawn_at < REDRAW_S) return seal(Step::SAY);
    return seal(rests(now) ? Step::WAIT : Step::DRAW);
  }

  /// Nobody answered, or nothing that can be used. Not even after power came on, when nobody knows what the glass says, is it
  /// touched before the deadline: until then the box may believe that it shows what it showed before.
  Step unanswered(int64_t now) {
    if (m_.failures < UINT8_MAX) ++m_.failures;
    return seal(now >= deadline() && !m_.own_page && !rests(now) ? Step::OWN_PAGE : Step::WAIT);
  }

  /// The picture of `answer` could not be fetched. Until it can, no question vouches for the old one; if the glass only was to be
  /// refreshed, nothing is lost.
  Step unfetched(const Answer &answer, int64_t now) {
    if (strcmp(answer.notice, m_.glass) == 0) return seal(Step::SAY);
    m_.doubtful = true;
    return unanswered(now);
  }

  /// From `now` on nobody knows what is on the glass, and until the panel has drawn it has failed: a weak battery may restart the
  /// chip in the middle of a redraw, over and over.
  void drawing(int64_t now) {
    m_.glass[0] = '\0';
    m_.own_page = false;
    m_.failed_at = now;
    seal(Step::WAIT);
  }

  /// The panel has drawn `answer`, which came at `asked_at`.
  void drew(const Answer &answer, int64_t asked_at, int64_t now) {
    memcpy(m_.glass, answer.notice, sizeof m_.glass);
    m_.own_page = m_.doubtful = false;
    m_.failed_at = -1;
    m_.drawn_at = m_.heard_at = now;
    hold(answer.left_s, asked_at);
    seal(Step::WAIT);
  }

  /// The panel has drawn our own page.
  void drew_own_page(int64_t now) {
    m_.own_page = true;
    m_.failed_at = -1;
    m_.drawn_at = now;
    seal(Step::WAIT);
  }

  /// How long to sleep, in seconds: as told, or sooner and then ever later where nobody answers, and never past a deadline.
  uint32_t pause_s(int64_t now) const {
    if (rests(now)) return static_cast<uint32_t>(m_.failed_at + REST_S - now);
    int64_t pause = m_.told_s;
    if (m_.failures > 0) {
      const int64_t longest = m_.rest_s < RETRY_MIN_S ? RETRY_MIN_S : m_.rest_s > RETRY_MAX_S ? RETRY_MAX_S : m_.rest_s;
      pause = RETRY_MIN_S << (m_.failures < 5 ? m_.failures - 1 : 4);
      if (pause > longest) pause = longest;
    }
    const int64_t left = m_.own_page ? pause : deadline() - now;
    if (left < pause) pause = left > SOON_S ? left : pause < SOON_S ? pause : SOON_S;
    return static_cast<uint32_t>(pause);
  }

 private:
  void forget(int64_t now) {
    memset(&m_, 0, sizeof m_);
    m_.told_s = m_.rest_s = pace_.refresh_s;
    m_.heard_at = m_.drawn_at = m_.valid_at = now;
    m_.failed_at = m_.valid_s = -1;
    seal(Step::WAIT);
  }

  Step seal(Step step) {
    m_.check = checksum(m_);
    return step;
  }

  /// A panel that failed is left alone for a while.
  bool rests(int64_t now) const { return m_.failed_at >= 0 && now - m_.failed_at < REST_S; }

  void hold(int64_t left_s, int64_t at) {
    m_.valid_s = left_s;
    m_.valid_at = at;
  }

  /// While counting opens or closes the box wants to be asked more often, but believes for as long as otherwise.
  void told(uint32_t refresh_s) {
    m_.told_s = refresh_s < 1 ? 1 : refresh_s > PAUSE_MAX_S ? PAUSE_MAX_S : refresh_s;
    if (m_.told_s >= pace_.refresh_s) m_.rest_s = m_.told_s < LEASE_MAX_S ? m_.told_s : LEASE_MAX_S;
  }

  /// When the glass has to say something else if nobody answers: late enough that the box has stopped believing it (a minute more
  /// than grace), and early enough that no "not counting" outlives its own time.
  int64_t deadline() const {
    const int64_t longest = m_.told_s > m_.rest_s ? m_.told_s : m_.rest_s;
    int64_t end = m_.heard_at + longest + longest / DRIFT + pace_.grace_s + 60;
    const int64_t over = m_.valid_at + m_.valid_s - m_.valid_s / DRIFT;
    if (m_.valid_s >= 0 && over < end) end = over;
    return end;
  }

  Memory &m_;
  Pace pace_;
};

/// Whether `tag` is the ETag of a picture of `notice`: its digits in quotes, and perhaps since when it is offered.
inline bool is_tag_of(const char *tag, const char *notice) {
  if (*tag != '"' || strlen(tag) < NOTICE_DIGITS + 2 || strncmp(tag + 1, notice, NOTICE_DIGITS) != 0) return false;
  const char end = tag[1 + NOTICE_DIGITS];
  return end == '"' || end == '-';
}

/// The value of a key of the outermost JSON object; null if there is none.
inline const char *value_of(const char *json, const char *key) {
  int depth = 0;
  const size_t length = strlen(key);
  for (const char *at = json; *at != '\0'; ++at) {
    if (*at == '{' || *at == '[') ++depth;
    if (*at == '}' || *at == ']') --depth;
    if (*at != '"') continue;
    const char *word = ++at;
    while (*at != '"' && *at != '\0') at += *at == '\\' && at[1] != '\0' ? 2 : 1;
    if (*at == '\0') return nullptr;
    if (depth == 1 && at[1] == ':' && static_cast<size_t>(at - word) == length && strncmp(word, key, length) == 0) return at + 2;
  }
  return nullptr;
}

/// Seconds since 1970 of a date in the Gregorian calendar, by counting the days of whole eras of 400 years.
inline int64_t seconds_of(int year, int month, int day, int hour, int minute, int second) {
  const int y = month <= 2 ? year - 1 : year;
  const int era = y / 400;
  const int of_era = y - era * 400;
  const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t days = int64_t{era} * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
  return days * 86400 + hour * 3600 + minute * 60 + second;
}

/// "2026-07-29T11:06:29+02:00" (RFC 3339), as far as the box writes it; -1 if it is something else.
inline int64_t parse_time(const char *text) {
  int year, month, day, hour, minute, second, read = 0;
  if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &read) != 6 || read != 19) return -1;
  int64_t at = seconds_of(year, month, day, hour, minute, second);
  if (text[read] == 'Z') return at;
  int hours, minutes;
  char sign;
  if (sscanf(text + read, "%c%2d:%2d", &sign, &hours, &minutes) != 3 || (sign != '+' && sign != '-')) return -1;
  return at - (sign == '+' ? 1 : -1) * (hours * 3600 + minutes * 60);
}

/// "Wed, 29 Jul 2026 08:06:29 GMT" (RFC 9110 §5.6.7); -1 if it is something else.
inline int64_t parse_http_date(const char *text) {
  static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  int day, year, hour, minute, second;
  char month[4];
  if (sscanf(text, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &day, month, &year, &hour, &minute, &second) != 6) return -1;
  const char *found = strstr(MONTHS, month);
  if (found == nullptr || strlen(month) != 3 || (found - MONTHS) % 3 != 0) return -1;
  return seconds_of(year, static_cast<int>(found - MONTHS) / 3 + 1, day, hour, minute, second);
}

/// Reads an answer with the `Date` that it came with. The box's clock is the one that counts; ours only counts seconds.
inline bool read_answer(const char *json, const char *date, Answer &answer) {
  memset(&answer, 0, sizeof answer);
  const char *notice = value_of(json, "notice");
  const char *refresh = value_of(json, "refresh_seconds");
  const char *until = value_of(json, "valid_until");
  unsigned long refresh_s = 0;
  if (notice == nullptr || refresh == nullptr || until == nullptr || sscanf(refresh, "%9lu", &refresh_s) != 1) return false;
  if (*notice == '"') {
    if (strspn(notice + 1, "0123456789abcdef") != NOTICE_DIGITS) return false;
    memcpy(answer.notice, notice + 1, NOTICE_DIGITS);
  }
  answer.refresh_s = static_cast<uint32_t>(refresh_s);
  answer.left_s = -1;
  if (*until == '"') {
    const int64_t end = parse_time(until + 1), sent = parse_http_date(date);
    answer.left_s = end < 0 || sent < 0 || end < sent ? 0 : end - sent;
  }
  return true;
}

}  // namespace noticed
