#pragma once

#define HSPI 2
#define MSBFIRST 1
#define SPI_MODE0 0

struct SPISettings {
  SPISettings(unsigned, int, int) {}
};
struct SPIClass {
  explicit SPIClass(int) {}
  void begin(int, int, int, int) {}
};
