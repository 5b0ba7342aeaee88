// A shop on a desk: the box, the network, one panel and the time, for sketches that were written for boards.
#pragma once

#include <stdint.h>
#include <string.h>

#include <string>
#include <vector>

/// What a wake ends with.
struct Sleep {
  double seconds;
};

/// Power fails or the chip starts anew in the middle of something.
struct Reset {};

/// The pixels of a panel, and the numbers that its inks have in `image.raw`.
struct Shape {
  unsigned width, height, bits;
  bool two_planes;
  std::vector<uint8_t> codes;

  /// Packs one number for each pixel as the box does. With two planes: 0 black, 1 white, 2 colour.
  std::vector<uint8_t> pack(const std::vector<uint8_t> &pixels) const {
    std::vector<uint8_t> out;
    for (unsigned plane = 0; plane < (two_planes ? 2u : 1u); ++plane) {
      for (unsigned y = 0; y < height; ++y) {
        for (unsigned x = 0; x < width; x += 8 / bits) {
          unsigned byte = 0;
          for (unsigned i = 0; i < 8 / bits; ++i) {
            const unsigned code = x + i < width ? pixels[size_t{y} * width + x + i] : 1;
            byte = byte << bits | (two_planes ? (code == plane * 2 ? 0 : 1) : code);
          }
          out.push_back(static_cast<uint8_t>(byte));
        }
      }
    }
    return out;
  }
};

struct Notice {
  std::string hash;
  bool denies;
  /// End of validity, in true seconds; only if it denies.
  double until;
  std::vector<uint8_t> raw;
};

/// What is on the glass: the number of a notice, or one of these.
enum Glass { TORN = -1, OWN_PAGE_SHOWN = -2, SOMETHING = -3 };

struct Reply {
  int status = -1;
  std::string body, etag, date;
};

class World {
 public:
  // -- the device's surroundings, set by a scenario
  double now = 1000000;
  /// Seconds of the device's clock in one true second.
  double clock_rate = 1;
  bool wifi = true;
  bool box_up = true;
  bool panel_works = true;
  /// How many more bodies break off in the middle.
  int broken_bodies = 0;
  /// How many more words are lost on the way to the box.
  int lost_words = 0;
  bool reset_while_drawing = false;
  std::string token = "0123456789abcdef0123456789abcdef";
  double refresh = 900, transition = 60, grace = 90;
  /// The box changes its mind between this question and the next request.
  int change_after_question = -1;
  /// Or before the next word reaches it.
  int change_before_word = -1;
  std::vector<uint8_t> own_page;

  // -- what happened
  int glass = SOMETHING;
  int questions = 0, pictures = 0, words = 0, draws = 0, own_pages = 0, words_of_other = 0, needless_draws = 0;
  double drawn_at = -1e9;
  std::string last_battery, last_rssi, last_firmware;
  std::vector<std::string> log;

  // -- the box's side, as `src/engine/glass` and `src/http/generic.rs` say it
  std::vector<Notice> notices;
  int current = -1;
  bool wanted = true;

  /// A notice with pixels of its own, at random but for the inks that there are.
  int add(bool denies, double until, const Shape &shape) {
    Notice notice;
    notice.denies = denies;
    notice.until = until;
    uint32_t seed = 12345 + 7919 * static_cast<uint32_t>(notices.size());
    for (int i = 0; i < 64; ++i) notice.hash += "0123456789abcdef"[(seed = seed * 1664525 + 1013904223) >> 28];
    std::vector<uint8_t> pixels;
    for (size_t i = 0; i < size_t{shape.width} * shape.height; ++i) {
      seed = seed * 1664525 + 1013904223;
      pixels.push_back(shape.codes[(seed >> 16) % shape.codes.size()]);
    }
    notice.raw = shape.pack(pixels);
    notices.push_back(notice);
    return static_cast<int>(notices.size()) - 1;
  }

  bool is_denying() const { return current >= 0 && notices[current].denies; }

  bool covers() const {
    if (!(lease_ > now) || !known_ || possible_.empty()) return false;
    for (int each : possible_)
      if (notices[each].denies) return false;
    return true;
  }

  bool counts() const { return wanted && covers() && denies_until_ <= now; }
  bool confirmed(int notice) const { return covers() && possible_.size() == 1 && possible_[0] == notice; }

  /// Lets true time pass, and looks at everything that must hold at all times.
  void pass(double seconds) {
    const double end = now + seconds;
    while (now < end) {
      now = now + 5 < end ? now + 5 : end;
      expire();
      watch();
    }
  }

  // -- the network, as the stubs use it
  Reply request(const std::string &method, const std::string &path, const std::string &credential, const std::string &body) {
    pass(0.2);
    Reply reply;
    if (!wifi || !box_up) {
      pass(1);
      return reply;
    }
    reply.date = http_date();
    const bool trusted = credential == "Bearer " + token;
    if (method == "POST" && path == "/signs/window/shown") return said(body, trusted);
    if (path == "/signs/window") return asked(trusted, reply);
    if (path.rfind("/signs/window/image.raw?n=", 0) == 0) return fetched(path.substr(26), reply);
    reply.status = 404;
    return reply;
  }

  /// The panel begins to draw.
  void tear() {
    ++draws;
    torn_from_ = glass;
    glass = TORN;
    if (reset_while_drawing) {
      reset_while_drawing = false;
      accident_ = true;
      pass(1);
      throw Reset();
    }
  }

  /// The panel began to draw and did not end.
  void spoil() {
    glass = TORN;
    accident_ = true;
  }

  /// The panel does not even begin. It is left alone for three minutes then, whatever its glass still says.
  void refuse() { refused_ = fresh_ = true; }

  /// The panel has drawn what its memory holds.
  void settle(const std::vector<uint8_t> &raw) {
    glass = SOMETHING;
    if (raw == own_page) {
      glass = OWN_PAGE_SHOWN;
      ++own_pages;
    }
    for (size_t i = 0; i < notices.size(); ++i)
      if (notices[i].raw == raw) glass = static_cast<int>(i);
    if (glass == SOMETHING) fail("the panel shows a picture that nobody made");
    if (glass >= 0 && glass == torn_from_ && now - drawn_at < 0.94 * 86400 && !fresh_) ++needless_draws;
    fresh_ = forgetful_ = refused_ = false;
    drawn_at = now;
  }

  /// The device forgot everything: it may draw what is there already, and does not know until when that holds. The glass says it.
  void forgot() { fresh_ = forgetful_ = true; }

  void fail(const std::string &what) {
    if (failures.size() < 5) failures.push_back(what + " (at " + std::to_string(now - 1000000) + " s)");
  }
  std::vector<std::string> failures;

 private:
  std::string http_date() const {
    // 1 January 2026 is where the world's clock stood at its second 0.
    return stamp(true, now);
  }

  std::string stamp(bool http, double at) const {
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const char *MONTHS[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    // The box writes ends of validity in local time, two hours before Greenwich here.
    const int64_t seconds = static_cast<int64_t>(at) + (http ? 0 : 7200);
    int day = static_cast<int>(seconds / 86400), month = 0;
    while (day >= DAYS[month]) day -= DAYS[month++];
    const int of_day = static_cast<int>(seconds % 86400), h = of_day / 3600, m = of_day / 60 % 60, s = of_day % 60;
    char text[40];
    if (http) snprintf(text, sizeof text, "Thu, %02d %s 2026 %02d:%02d:%02d GMT", day + 1, MONTHS[month], h, m, s);
    else snprintf(text, sizeof text, "2026-%02d-%02dT%02d:%02d:%02d+02:00", month + 1, day + 1, h, m, s);
    return text;
  }

  /// Since when the box offers its picture: another time every day.
  std::string stamped() const { return std::to_string(1767225600 + static_cast<int64_t>(now) / 86400 * 86400); }

  double told() const { return counts() || !wanted ? refresh : transition; }

  Reply asked(bool trusted, Reply reply) {
    ++questions;
    expire();
    reply.status = 200;
    const double pace = told();
    const Notice *notice = current >= 0 ? &notices[current] : nullptr;
    if (trusted && notice != nullptr) {
      if (glass < 0) fail("it vouches for a glass that shows no notice");
      offer(current);
      told_ = pace;
      lease_ = now + pace + grace;
    }
    char text[900];
    const std::string hash = notice != nullptr ? "\"" + notice->hash + "\"" : "null";
    const std::string picture = notice != nullptr ? "\"" + notice->hash + "-" + stamped() + "\"" : "null";
    const std::string until = notice != nullptr && notice->denies ? "\"" + stamp(false, notice->until) + "\"" : "null";
    snprintf(text, sizeof text,
             "{\"id\":\"window\",\"state\":\"active\",\"reason\":\"a \\\"notice\\\":\\\"trap\\\" {\",\"notice\":%s,\"picture\":%s,\"valid_until\":%s,"
             "\"refresh_seconds\":%d,\"image\":{\"png\":\"http://192.168.1.10:8080/signs/window/image.png\",\"notice\":\"no\"}}",
             hash.c_str(), picture.c_str(), until.c_str(), static_cast<int>(pace));
    reply.body = text;
    if (change_after_question >= 0) {
      current = change_after_question;
      change_after_question = -1;
    }
    return reply;
  }

  Reply fetched(const std::string &digits, Reply reply) {
    ++pictures;
    if (current < 0) {
      reply.status = 503;
      return reply;
    }
    // The picture that was asked for is no longer here if the board has changed more than once.
    const Notice &notice = notices[current];
    if (notice.hash.compare(0, 16, digits) != 0) log.push_back("asked for another");
    reply.status = 200;
    reply.etag = "\"" + notice.hash + "-" + stamped() + "\"";
    reply.body.assign(notice.raw.begin(), notice.raw.end());
    if (notice.denies && notice.until > denies_until_) denies_until_ = notice.until;
    return reply;
  }

  Reply said(const std::string &body, bool trusted) {
    Reply reply;
    ++words;
    expire();
    std::string hash;
    const size_t at = body.find("\"notice\":\"");
    if (at != std::string::npos) hash = body.substr(at + 10, 64);
    if (glass < 0 || notices[glass].hash != hash) {
      ++words_of_other;
      fail("it says that it shows what it does not show");
    }
    if (change_before_word >= 0) {
      current = change_before_word;
      change_before_word = -1;
    }
    if (lost_words > 0) {
      --lost_words;
      return reply;
    }
    if (!trusted) {
      reply.status = 401;
      return reply;
    }
    if (current < 0 || notices[current].hash != hash) {
      reply.status = 409;
      return reply;
    }
    known_ = true;
    accident_ = false;
    possible_.assign(1, current);
    denies_until_ = notices[current].denies ? notices[current].until : 0;
    lease_ = now + (told_ > refresh ? told_ : refresh) + grace;
    reply.status = 204;
    return reply;
  }

  void offer(int notice) {
    if (!known_) return;
    for (int each : possible_)
      if (each == notice) return;
    possible_.push_back(notice);
  }

  void expire() {
    if (lease_ <= now) known_ = false;
  }

  /// What must hold at all times. A panel that fails in the middle of a redraw cannot tell; then the box believes until the lease ends.
  void watch() {
    const bool says_so = glass >= 0 ? !notices[glass].denies : glass == TORN;
    if (counts() && !says_so && !accident_) fail("people are counted and the glass does not say so");
    const bool over = glass >= 0 && notices[glass].denies && now > notices[glass].until + 70;
    if (over && !forgetful_ && !refused_) fail("the glass denies what its time no longer covers");
  }

  bool known_ = false;
  std::vector<int> possible_;
  double lease_ = 0, denies_until_ = 0, told_ = 900;
  int torn_from_ = SOMETHING;
  bool fresh_ = true, forgetful_ = false, refused_ = false, accident_ = false;
};

extern World *world;
