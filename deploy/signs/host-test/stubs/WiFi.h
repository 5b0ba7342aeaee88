#pragma once

#include <Arduino.h>

enum wl_status_t { WL_CONNECTED, WL_DISCONNECTED };
enum wifi_mode_t { WIFI_STA };

struct WiFiStub {
  bool begun = false;
  wl_status_t status() const { return begun && world->wifi ? WL_CONNECTED : WL_DISCONNECTED; }
  void mode(wifi_mode_t) {}
  void begin(const char *, const char *) {
    world->pass(3);
    begun = true;
  }
  int8_t RSSI() const { return -61; }
};
extern WiFiStub WiFi;
