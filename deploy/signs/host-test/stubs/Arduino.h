// As much of Arduino for ESP32 as the sketches use.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ctime>
#include <string>

#include "world.h"

class String {
 public:
  String(const char *text = "") : text_(text) {}
  String(const std::string &text) : text_(text) {}
  const char *c_str() const { return text_.c_str(); }
  unsigned length() const { return static_cast<unsigned>(text_.size()); }

 private:
  std::string text_;
};

inline uint32_t millis() { return static_cast<uint32_t>(static_cast<int64_t>(world->now * 1000)); }
inline void delay(uint32_t ms) { world->pass(ms / 1000.0); }
inline int64_t device_seconds() { return static_cast<int64_t>((world->now - 1000000) * world->clock_rate); }
#define time(nothing) device_seconds()

inline uint32_t analogReadMilliVolts(int) { return 1950; }

struct SerialStub {
  void begin(int) {}
  void flush() {}
  void println(const char *text) { world->log.push_back(text); }
  template <class... Values>
  void printf(const char *format, Values... values) {
    char text[300];
    snprintf(text, sizeof text, format, values...);
    world->log.push_back(text);
  }
};
static SerialStub Serial;

#define RTC_NOINIT_ATTR
enum esp_reset_reason_t { ESP_RST_POWERON, ESP_RST_BROWNOUT, ESP_RST_SW, ESP_RST_DEEPSLEEP };
extern esp_reset_reason_t reset_reason;
inline esp_reset_reason_t esp_reset_reason() { return reset_reason; }
extern uint64_t sleep_us;
inline void esp_sleep_enable_timer_wakeup(uint64_t us) { sleep_us = us; }
[[noreturn]] inline void esp_deep_sleep_start() { throw Sleep{sleep_us / 1e6}; }
