// The library's numbers for colours as its src/boards say them: black and white 1 is black; greys 7 is white.
#pragma once

#include <Arduino.h>

#define INKPLATE_1BIT 0
#define INKPLATE_3BIT 1
#if defined(ARDUINO_INKPLATECOLOR)
#define E_INK_WIDTH 600
#define E_INK_HEIGHT 448
#elif defined(ARDUINO_INKPLATE4)
#define E_INK_WIDTH 400
#define E_INK_HEIGHT 300
#else
#define E_INK_WIDTH 1200
#define E_INK_HEIGHT 825
#endif

class Inkplate {
 public:
  explicit Inkplate(int mode = -1) : mode_(mode), colours_(size_t{E_INK_WIDTH} * E_INK_HEIGHT) {}
  bool begin() { return true; }
  Shape shape() const {
    if (mode_ == INKPLATE_1BIT) return {E_INK_WIDTH, E_INK_HEIGHT, 1, false, {0, 1}};
    if (mode_ == INKPLATE_3BIT) return {E_INK_WIDTH, E_INK_HEIGHT, 4, false, {0, 5, 10, 15}};
    if (IS_SEVEN) return {E_INK_WIDTH, E_INK_HEIGHT, 4, false, {0, 1, 2, 3, 4, 5, 6}};
    return {E_INK_WIDTH, E_INK_HEIGHT, 1, true, {0, 1, 2}};
  }
  void setRotation(uint8_t) {}
  double readBattery() { return 3.912; }
  void clearDisplay() { colours_.assign(colours_.size(), 99); }
  void drawPixel(int16_t x, int16_t y, uint16_t colour) { colours_[size_t{E_INK_WIDTH} * y + x] = static_cast<uint8_t>(colour); }
  int einkOn() {
    on_ = world->panel_works;
    if (!on_) world->refuse();
    return on_;
  }
  void einkOff() { on_ = false; }
  void display(bool = false) {
    if (mode_ >= 0 && !on_) return;
    if (!world->panel_works) {
      world->spoil();
      return;
    }
    world->tear();
    world->pass(mode_ >= 0 ? 2 : 15);
    world->settle(raw());
  }

 private:
  // The bytes of image.raw, from what the panel was given: the other way round than the sketch goes.
  std::vector<uint8_t> raw() const {
    static const uint8_t GREYS[] = {0, 16, 5, 16, 16, 10, 16, 15};
    std::vector<uint8_t> codes;
    for (const uint8_t colour : colours_) {
      codes.push_back(mode_ == INKPLATE_1BIT ? colour == 1 ? 0 : 1 : mode_ == INKPLATE_3BIT ? GREYS[colour] : IS_SEVEN ? colour : colour == 1 ? 0 : colour == 0 ? 1 : colour);
    }
    return shape().pack(codes);
  }

#if defined(ARDUINO_INKPLATECOLOR)
  static constexpr bool IS_SEVEN = true;
#else
  static constexpr bool IS_SEVEN = false;
#endif
  int mode_;
  bool on_ = false;
  std::vector<uint8_t> colours_;
};
