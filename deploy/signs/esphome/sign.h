// What stands between keeper.h and ESPHome's actions, which cannot wait for one another in C++.
#pragma once

#include <math.h>
#include <stdio.h>
#include <time.h>

#include <string>

#include "esphome/core/hal.h"
#include "esphome/core/log.h"
#include "esphome/core/version.h"
#include "keeper.h"

#if defined(USE_ESP32)
#include <esp_attr.h>
#include <esp_system.h>
#endif
#if !defined(RTC_NOINIT_ATTR)
#define RTC_NOINIT_ATTR
#endif

namespace noticed {

/// What the display says that it runs.
constexpr const char *FIRMWARE = "ESPHome " ESPHOME_VERSION;

/// Notices that change between question and word are asked for again at once, but not for ever.
constexpr int ROUNDS_MAX = 3;

/// Kept through deep sleep and restarts; after power came on it holds anything, which its checksum shows.
static RTC_NOINIT_ATTR Memory memory;

class Sign {
 public:
  /// Set by the device's file at start: `refresh` and `grace` of the sign.
  void start(uint32_t refresh_s, uint32_t grace_s) {
    pace_ = {refresh_s, grace_s};
#if defined(USE_ESP32)
    if (esp_reset_reason() == ESP_RST_POWERON) memory.check = 0;
#endif
  }

  bool is_due() const { return pace_.refresh_s > 0 && (now() >= next_at_ || now() < asked_at_); }

  /// A question is about to be asked; whether with the credential, `vouched` says.
  void ask() {
    Keeper keeper = this->keeper();
    vouched = keeper.may_vouch();
    step = Step::WAIT;
  }

  void answered(int status, const char *body, const char *date) {
    asked_at_ = now();
    Keeper keeper = this->keeper();
    const bool read = status == 200 && read_answer(body, date, answer_);
    step = read ? keeper.answered(answer_, vouched, asked_at_) : keeper.unanswered(asked_at_);
  }

  void unanswered() {
    asked_at_ = now();
    step = keeper().unanswered(asked_at_);
  }

  /// The address of the picture of the notice that is to be drawn. It carries no credential: the box believes only what is said after drawing.
  std::string picture(const char *box, const char *id) const {
    return std::string(box) + "/signs/" + id + "/image.png?n=" + std::string(answer_.notice, ADDRESS_DIGITS);
  }

  /// Whether the picture that ESPHome holds is the one to be drawn.
  bool holds() const { return held_ == answer_.notice; }

  void fetched(bool whole) {
    held_ = whole ? answer_.notice : "";
    if (!whole) step = keeper().unfetched(answer_, now());
    fetching = false;
  }

  /// The panel is about to draw what shows_own_page() says.
  void draws() {
    own_page_ = step == Step::OWN_PAGE;
    keeper().drawing(now());
    draw_ms_ = esphome::millis();
  }

  bool shows_own_page() const { return own_page_; }

  /// The panel is done. It has drawn if that took it as long as it takes such a panel: drivers say nothing of a cable that is loose.
  void drew(uint32_t least_ms, uint32_t most_ms) {
    const uint32_t took_ms = esphome::millis() - draw_ms_;
    step = Step::WAIT;
    if (took_ms < least_ms || took_ms > most_ms) {
      ESP_LOGE("sign", "drawing took %u ms and not %u to %u: nothing is said to be shown", static_cast<unsigned>(took_ms),
               static_cast<unsigned>(least_ms), static_cast<unsigned>(most_ms));
      return;
    }
    Keeper keeper = this->keeper();
    if (own_page_) {
      keeper.drew_own_page(now());
    } else {
      keeper.drew(answer_, asked_at_, now());
      step = Step::SAY;
    }
  }

  const char *glass() const { return memory.glass; }

  /// What the box answered to our word.
  void said(int status) {
    if (status == 401) ESP_LOGE("sign", "the box refuses the credential: compare it with `noticed sign token`");
    again_ = status == 409 && ++rounds_ < ROUNDS_MAX;
  }

  /// The end of a wake; whether it is over, and not to be begun anew at once.
  bool rest() {
    const bool again = again_;
    again_ = false;
    if (!again) rounds_ = 0;
    pause_s_ = again ? 0 : keeper().pause_s(now());
    next_at_ = now() + pause_s_;
    ESP_LOGI("sign", "the glass shows %s; next in %u s", memory.glass[0] != '\0' ? memory.glass : "no notice", static_cast<unsigned>(pause_s_));
    return !again;
  }

  uint32_t pause_ms() const { return pause_s_ * 1000; }

  /// A header's text; a dash, which the box skips, if nothing was measured. The request is built before the next one is asked for.
  const char *number(float value, const char *format) {
    if (isnan(value)) return "-";
    snprintf(text_, sizeof text_, format, static_cast<double>(value));
    return text_;
  }

  Step step = Step::WAIT;
  bool vouched = false;
  bool fetching = false;

 private:
  /// Seconds that go on through deep sleep.
  static int64_t now() { return ::time(nullptr); }
  Keeper keeper() const { return Keeper(memory, pace_, now()); }

  Pace pace_ = {0, 0};
  Answer answer_ = {};
  std::string held_;
  int64_t asked_at_ = 0;
  int64_t next_at_ = 0;
  uint32_t pause_s_ = 0;
  uint32_t draw_ms_ = 0;
  int rounds_ = 0;
  bool again_ = false;
  bool own_page_ = false;
  char text_[24] = "";
};

static Sign sign;

}  // namespace noticed
