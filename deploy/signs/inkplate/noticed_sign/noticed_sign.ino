// An Inkplate as a sign of `noticed`. docs/signs/inkplate.md says how to set it up.
//
// It wakes, asks the box, draws only what is new, says what the glass shows, and sleeps. If the box is gone for too long, it draws by itself that
// the state is not known.

#include <Inkplate.h>

#include "box.h"

#if __has_include("unknown_page.h")
#include "unknown_page.h"
#else
#error "make unknown_page.h: noticed sign render ID --state unknown --out unknown.png && ../../unknown-page unknown.png > unknown_page.h"
#endif

// The panel of each board. For the black and white ones SIGN_GREY draws sixteen greys (as the eight that the board has); that flashes
// longer, and letters are no clearer.
#if defined(ARDUINO_INKPLATECOLOR)
#define SIGN_INKS noticed::Inks::ACEP7
#define SIGN_DRAW_MS 5000
Inkplate display;
#elif defined(ARDUINO_INKPLATE4) || defined(ARDUINO_INKPLATE7)
#define SIGN_INKS noticed::Inks::BWR
#define SIGN_DRAW_MS 5000
Inkplate display;
#elif defined(ARDUINO_INKPLATE2)
#error "212x104 pixels are too few for a notice"
#elif defined(SIGN_GREY)
#define SIGN_INKS noticed::Inks::GREY16
#define SIGN_RAILS
Inkplate display(INKPLATE_3BIT);
#else
#define SIGN_INKS noticed::Inks::BW
#define SIGN_RAILS
Inkplate display(INKPLATE_1BIT);
#endif

static const noticed::Format FORMAT = {SIGN_INKS, E_INK_WIDTH, E_INK_HEIGHT};
static_assert(UNKNOWN_PAGE_WIDTH == E_INK_WIDTH && UNKNOWN_PAGE_HEIGHT == E_INK_HEIGHT && UNKNOWN_PAGE_INKS == SIGN_INKS,
              "unknown_page.h is for another panel");

// Kept through deep sleep and restarts; after power came on it holds anything, which its checksum shows.
RTC_NOINIT_ATTR noticed::Memory memory;

class Board : public noticed::Box {
 public:
  explicit Board(const noticed::Health &health) : Box(FORMAT, health) {}
  bool draw() { return show(store()); }
  bool draw_own_page() { return show(UNKNOWN_PAGE); }

 private:
  template <class Bytes>
  bool show(const Bytes &bytes) {
    display.clearDisplay();
    for (unsigned y = 0; y < E_INK_HEIGHT; ++y) {
      for (unsigned x = 0; x < E_INK_WIDTH; ++x) display.drawPixel(x, y, colour(noticed::pixel(FORMAT, bytes, x, y)));
    }
    return refresh();
  }

  // The library's own numbers: in black and white 1 is black, in greys 7 is white, in colours they are the panel's.
  static uint16_t colour(uint8_t code) {
    switch (FORMAT.inks) {
      case noticed::Inks::BW:
        return code == 0 ? 1 : 0;
      case noticed::Inks::GREY16:
        return code >> 1;
      case noticed::Inks::BWR:
        return code == 0 ? 1 : code == 1 ? 0 : 2;
      default:
        return code;
    }
  }

  // Whether the panel has really drawn: display() says nothing, and returns at once where its supply does not come up.
  static bool refresh() {
#if defined(SIGN_RAILS)
    if (!display.einkOn()) return false;
    display.display(true);
    display.einkOff();
    return true;
#else
    const uint32_t start = millis();
    display.display();
    return millis() - start >= SIGN_DRAW_MS;
#endif
  }
};

void setup() {
  Serial.begin(115200);
  if (esp_reset_reason() == ESP_RST_POWERON) memory.check = 0;
  display.begin();
  // Rotation 0 is the panel as it was made; how it hangs, the box knows (`rotation` in noticed.toml).
  display.setRotation(0);
  Board board({static_cast<float>(display.readBattery()), "noticed-sign 1 Inkplate"});
  const uint32_t pause_s = noticed::visit(board, memory, {SIGN_REFRESH_S, SIGN_GRACE_S});
  Serial.printf("the glass shows %s; next in %lu s\n", memory.glass[0] != '\0' ? memory.glass : "no notice",
                static_cast<unsigned long>(pause_s));
  Serial.flush();
  // An Inkplate 10 or 6 from before August 2021 (ESP32-WROVER-E) also needs rtc_gpio_isolate(GPIO_NUM_12) here, or it sleeps badly.
  esp_sleep_enable_timer_wakeup(uint64_t{pause_s} * 1000000);
  esp_deep_sleep_start();
}

void loop() {}
