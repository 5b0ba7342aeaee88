// The box at the other end of the shop's Wi-Fi, over Arduino's HTTPClient.
//
// The credential goes with questions and with our word, never with pictures: the box believes only what we say after drawing, not
// that bytes were sent to us.
#pragma once

#include <Arduino.h>
#include <HTTPClient.h>
#include <WiFi.h>

#include "keeper.h"
#include "picture.h"
#include "visit.h"

#if __has_include("secrets.h")
#include "secrets.h"
#else
#error "copy secrets.example.h to secrets.h and fill it in"
#endif

namespace noticed {

/// Longest wait for the Wi-Fi, and for one answer, in milliseconds.
constexpr uint32_t WIFI_MS = 20000;
constexpr uint16_t ANSWER_MS = 10000;

/// How the display is, as it tells the box.
struct Health {
  /// Volts; 0 if not measured.
  float battery;
  const char *firmware;
};

class Box {
 public:
  Box(const Format &format, const Health &health) : format_(format), health_(health) {}

  /// Seconds that go on through deep sleep. Nothing sets this clock, so it never jumps.
  int64_t now() const { return time(nullptr); }

  bool ask(bool vouch, Answer &answer) {
    if (!connect()) return false;
    static const char *headers[] = {"Date"};
    HTTPClient http;
    open(http, address(""), vouch);
    http.collectHeaders(headers, 1);
    const int status = http.GET();
    bool read = false;
    if (status == 200) {
      read = read_answer(http.getString().c_str(), http.header("Date").c_str(), answer);
    } else {
      Serial.printf("the box answered %d to a question; is the sign's id right?\n", status);
    }
    http.end();
    return read;
  }

  Fetched fetch(const char *notice) {
    char path[64];
    snprintf(path, sizeof path, "/image.raw?n=%.*s", static_cast<int>(ADDRESS_DIGITS), notice);
    static const char *headers[] = {"ETag"};
    HTTPClient http;
    open(http, address(path), false);
    http.collectHeaders(headers, 1);
    const int status = http.GET();
    Fetched fetched = Fetched::FAILED;
    if (status == 200) {
      fetched = take(http, notice);
    } else {
      Serial.printf("the box answered %d to the question for a picture\n", status);
    }
    http.end();
    return fetched;
  }

  /// Says that the glass shows `notice`; gives back the status of the answer.
  int say(const char *notice) {
    char body[NOTICE_DIGITS + 16];
    snprintf(body, sizeof body, "{\"notice\":\"%s\"}", notice);
    HTTPClient http;
    open(http, address("/shown"), true);
    http.addHeader("Content-Type", "application/json");
    const int status = http.POST(String(body));
    if (status == 401) Serial.println("the box refuses the credential: compare it with `noticed sign token`");
    http.end();
    return status;
  }

  /// The picture that was fetched last.
  const Store &store() const { return store_; }

 private:
  bool connect() {
    if (WiFi.status() == WL_CONNECTED) return true;
    WiFi.mode(WIFI_STA);
    WiFi.begin(WIFI_NAME, WIFI_PASSWORD);
    for (const uint32_t start = millis(); WiFi.status() != WL_CONNECTED && millis() - start < WIFI_MS;) delay(50);
    return WiFi.status() == WL_CONNECTED;
  }

  String address(const char *rest) const {
    char text[256];
    snprintf(text, sizeof text, "%s/signs/%s%s", BOX_ADDRESS, SIGN_ID, rest);
    return String(text);
  }

  void open(HTTPClient &http, const String &address, bool vouch) {
    http.begin(address);
    http.setReuse(false);
    http.setTimeout(ANSWER_MS);
    char text[96];
    if (vouch) {
      snprintf(text, sizeof text, "Bearer %s", SIGN_TOKEN);
      http.addHeader("Authorization", text);
    }
    if (health_.battery > 0) {
      snprintf(text, sizeof text, "%.2f", static_cast<double>(health_.battery));
      http.addHeader("Battery-Voltage", text);
    }
    snprintf(text, sizeof text, "%d", static_cast<int>(WiFi.RSSI()));
    http.addHeader("RSSI", text);
    http.addHeader("FW-Version", health_.firmware);
  }

  /// Takes the picture if it is all of the right one: half a picture, or one for another panel, is never drawn.
  Fetched take(HTTPClient &http, const char *notice) {
    if (!is_tag_of(http.header("ETag").c_str(), notice)) return Fetched::OTHER;
    const size_t size = format_.bytes();
    if (http.getSize() != static_cast<int>(size)) {
      Serial.printf("the picture has %d bytes and this panel takes %u: compare `panel` in noticed.toml\n", http.getSize(),
                    static_cast<unsigned>(size));
      return Fetched::FAILED;
    }
    if (!store_.allocate(size)) {
      Serial.println("there is no memory for the picture");
      return Fetched::FAILED;
    }
    auto *stream = http.getStreamPtr();
    for (size_t have = 0; have < size;) {
      size_t room;
      uint8_t *to = store_.room(have, &room);
      const size_t got = stream->readBytes(to, room < size - have ? room : size - have);
      if (got == 0) return Fetched::FAILED;
      have += got;
    }
    return Fetched::WHOLE;
  }

  Format format_;
  Health health_;
  Store store_;
};

}  // namespace noticed
