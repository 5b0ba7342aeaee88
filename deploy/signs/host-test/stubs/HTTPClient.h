#pragma once

#include <WiFi.h>

class HTTPClient {
 public:
  bool begin(const String &address) {
    const std::string text = address.c_str();
    const std::string base = "http://192.168.1.10:8080";
    if (text.rfind(base, 0) != 0) world->fail("it asks somebody else: " + text);
    path_ = text.substr(base.size());
    return true;
  }
  void setReuse(bool) {}
  void setTimeout(uint16_t) {}
  void addHeader(const String &name, const String &value) {
    const std::string key = name.c_str();
    if (key == "Authorization") credential_ = value.c_str();
    if (key == "Battery-Voltage") world->last_battery = value.c_str();
    if (key == "RSSI") world->last_rssi = value.c_str();
    if (key == "FW-Version") world->last_firmware = value.c_str();
  }
  void collectHeaders(const char *names[], size_t count) { collected_.assign(names, names + count); }
  int GET() { return send("GET", ""); }
  int POST(const String &body) { return send("POST", body.c_str()); }
  int getSize() const { return static_cast<int>(reply_.body.size()); }
  String getString() { return String(reply_.body); }
  String header(const char *name) {
    // What was not asked for is not kept.
    for (const std::string &each : collected_) {
      if (each == name) return String(each == "Date" ? reply_.date : reply_.etag);
    }
    return String();
  }
  HTTPClient *getStreamPtr() { return this; }
  size_t readBytes(uint8_t *to, size_t length) {
    size_t end = reply_.body.size();
    if (breaks_) end /= 2;
    // As TCP does: in pieces of its own size.
    size_t got = end - read_ < length ? end - read_ : length;
    if (got > 1436) got = 1436;
    memcpy(to, reply_.body.data() + read_, got);
    read_ += got;
    if (got == 0) world->pass(10);
    return got;
  }
  void end() {}

 private:
  int send(const char *method, const std::string &body) {
    reply_ = world->request(method, path_, credential_, body);
    if (path_.find("image") != std::string::npos) {
      if (!credential_.empty()) world->fail("it fetches a picture with its credential");
      if (world->broken_bodies > 0) {
        --world->broken_bodies;
        breaks_ = true;
      }
    }
    return reply_.status;
  }

  std::string path_, credential_;
  std::vector<std::string> collected_;
  Reply reply_;
  size_t read_ = 0;
  bool breaks_ = false;
};
