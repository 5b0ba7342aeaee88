// Panels as GxEPD2 drives them: drawn in pages, the whole once more for panels that compare with the picture before, busy while they refresh.
#pragma once

#include <Arduino.h>
#include <SPI.h>

#define GxEPD_BLACK 0x0000
#define GxEPD_WHITE 0xFFFF
#define GxEPD_RED 0xF800
#define GxEPD_YELLOW 0xFFE0
#define GxEPD_BLUE 0x001F
#define GxEPD_GREEN 0x07E0
#define GxEPD_ORANGE 0xFC00

struct DriverStub {
  void (*callback)(const void *) = nullptr;
  void setBusyCallback(void (*busy)(const void *), const void * = nullptr) { callback = busy; }
  void selectSPI(SPIClass &, SPISettings) {}
  void busy(double seconds) {
    for (const double end = world->now + seconds; world->now < end;) callback(nullptr);
  }
};

// Real panels differ in what the number of an ink is; here they have those of image.raw.
#define DRIVER(name, width, height, full_ms, again, bits, planes, ...)                    \
  struct name : DriverStub {                                                              \
    static const uint16_t WIDTH = width, HEIGHT = height, full_refresh_time = full_ms;    \
    static const bool hasFastPartialUpdate = again;                                       \
    name(int, int, int, int) {}                                                           \
    static Shape shape() { return {width, height, bits, planes, {__VA_ARGS__}}; }         \
  };
DRIVER(GxEPD2_750_T7, 800, 480, 4200, true, 1, false, 0, 1)
DRIVER(GxEPD2_420_GDEY042T81, 400, 300, 1200, true, 1, false, 0, 1)
DRIVER(GxEPD2_750c_Z08, 800, 480, 18000, false, 1, true, 0, 1, 2)
DRIVER(GxEPD2_750c_GDEM075F52, 800, 480, 21000, false, 2, false, 0, 1, 2, 3)
DRIVER(GxEPD2_730c_GDEP073E01, 800, 480, 15000, false, 4, false, 0, 1, 2, 3, 5, 6)

template <class Driver, uint16_t page_height>
class DisplayStub {
 public:
  Driver epd2;

  explicit DisplayStub(const Driver &driver) : epd2(driver) {}
  void init(int, bool, int, bool) { ready_ = true; }
  void setRotation(uint8_t) {}
  void setFullWindow() {}
  void hibernate() { ready_ = false; }
  void firstPage() {
    page_ = 0;
    second_ = false;
    clear();
  }
  void drawPixel(int16_t x, int16_t y, uint16_t colour) {
    const int row = y - page_ * page_height;
    if (row >= 0 && row < page_height && y < Driver::HEIGHT) page_pixels_[size_t{Driver::WIDTH} * row + x] = colour;
  }
  bool nextPage() {
    if (!ready_) world->fail("it draws before init()");
    const int first = page_ * page_height;
    for (int row = 0; row < page_height && first + row < Driver::HEIGHT; ++row) {
      memcpy(&panel_[size_t{Driver::WIDTH} * (first + row)], &page_pixels_[size_t{Driver::WIDTH} * row], Driver::WIDTH * 2);
    }
    if (++page_ * page_height < Driver::HEIGHT) {
      clear();
      return true;
    }
    page_ = 0;
    if (!second_) refresh();
    if (!second_ && Driver::hasFastPartialUpdate) {
      second_ = true;
      clear();
      return true;
    }
    return false;
  }

 private:
  void clear() { page_pixels_.assign(size_t{Driver::WIDTH} * page_height, GxEPD_WHITE); }

  void refresh() {
    if (!world->panel_works) {
      world->spoil();
      return;
    }
    world->tear();
    epd2.busy(0.14);
    epd2.busy(Driver::full_refresh_time / 1000.0);
    const Shape shape = Driver::shape();
    std::vector<uint8_t> codes;
    for (const uint16_t colour : panel_) codes.push_back(code(shape, colour));
    world->settle(shape.pack(codes));
  }

  static uint8_t code(const Shape &shape, uint16_t colour) {
    if (colour == GxEPD_BLACK) return 0;
    if (colour == GxEPD_WHITE) return 1;
    if (shape.two_planes) return colour == GxEPD_RED || colour == GxEPD_YELLOW ? 2 : 9;
    return colour == GxEPD_YELLOW ? 2 : colour == GxEPD_RED ? 3 : colour == GxEPD_BLUE ? 5 : colour == GxEPD_GREEN ? 6 : 9;
  }

  bool ready_ = false, second_ = false;
  int page_ = 0;
  std::vector<uint16_t> page_pixels_;
  std::vector<uint16_t> panel_ = std::vector<uint16_t>(size_t{Driver::WIDTH} * Driver::HEIGHT);
};

#define GxEPD2_BW DisplayStub
#define GxEPD2_3C DisplayStub
#define GxEPD2_4C DisplayStub
#define GxEPD2_7C DisplayStub
