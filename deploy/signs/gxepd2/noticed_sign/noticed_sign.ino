// An ESP32 with an e-paper panel that GxEPD2 drives, as a sign of `noticed`. docs/signs/gxepd2.md says how to set it up.
//
// It wakes, asks the box, draws only what is new, says what the glass shows, and sleeps. If the box is gone for too long, it draws by itself that
// the state is not known.

#include "panel.h"

#include "box.h"

#if __has_include("unknown_page.h")
#include "unknown_page.h"
#else
#error "make unknown_page.h: noticed sign render ID --state unknown --out unknown.png && ../../unknown-page unknown.png > unknown_page.h"
#endif

static const noticed::Format FORMAT = {SIGN_INKS, SIGN_DRIVER::WIDTH, SIGN_DRIVER::HEIGHT};
static_assert(UNKNOWN_PAGE_WIDTH == SIGN_DRIVER::WIDTH && UNKNOWN_PAGE_HEIGHT == SIGN_DRIVER::HEIGHT && UNKNOWN_PAGE_INKS == SIGN_INKS,
              "unknown_page.h is for another panel: `panel` in noticed.toml has to be the width and height that GxEPD2 gives it");

// Kept through deep sleep and restarts; after power came on it holds anything, which its checksum shows.
RTC_NOINIT_ATTR noticed::Memory memory;

SIGN_DISPLAY display(SIGN_DRIVER(SIGN_CS, SIGN_DC, SIGN_RST, SIGN_BUSY));

// How long the panel kept its BUSY line active: the only sign that it gives of having drawn.
static struct {
  uint32_t start, last, longest_ms, total_ms;
} busy;

static void while_busy(const void *) {
  // The library asks again within milliseconds while the line is active; after a pause it is another wait.
  const uint32_t now = millis();
  if (now - busy.last > 50) busy.start = now;
  else busy.total_ms += now - busy.last;
  busy.last = now;
  if (now - busy.start > busy.longest_ms) busy.longest_ms = now - busy.start;
  delay(1);
}

class Board : public noticed::Box {
 public:
  explicit Board(const noticed::Health &health) : Box(FORMAT, health) {}
  bool draw() { return show(store()); }
  bool draw_own_page() { return show(UNKNOWN_PAGE); }

 private:
  template <class Bytes>
  bool show(const Bytes &bytes) {
    start();
    display.setFullWindow();
    display.firstPage();
    do {
      // Pixels outside the page in hand are dropped by the library.
      for (unsigned y = 0; y < FORMAT.height; ++y) {
        for (unsigned x = 0; x < FORMAT.width; ++x) display.drawPixel(x, y, colour(noticed::pixel(FORMAT, bytes, x, y)));
      }
    } while (display.nextPage());
    display.hibernate();
    return has_drawn();
  }

  static void start() {
#if defined(SIGN_SPI_SCK)
    static SPIClass bus(HSPI);
    bus.begin(SIGN_SPI_SCK, -1, SIGN_SPI_MOSI, SIGN_CS);
    display.epd2.selectSPI(bus, SPISettings(4000000, MSBFIRST, SPI_MODE0));
#endif
    memset(&busy, 0, sizeof busy);
    display.epd2.setBusyCallback(while_busy);
    // 2 ms of reset: longer ones switch some of Waveshare's boards off.
    display.init(0, true, 2, false);
    display.setRotation(0);
  }

  // A panel that is not there never gets busy, and one that hangs stays so until the library gives up; both say nothing else.
  static bool has_drawn() {
    const uint32_t usual_ms = SIGN_DRIVER::full_refresh_time;
    const bool drawn = busy.longest_ms >= usual_ms / 3 && busy.total_ms <= 2 * usual_ms + 5000;
    if (!drawn) {
      Serial.printf("the panel was busy for %lu ms, and not for about %lu: look at its cable\n",
                    static_cast<unsigned long>(busy.longest_ms), static_cast<unsigned long>(usual_ms));
    }
    return drawn;
  }

  // Colours as GxEPD2 names them, whatever numbers the panel has for them.
  static uint16_t colour(uint8_t code) {
    static const uint16_t THREE[] = {GxEPD_BLACK, GxEPD_WHITE, GxEPD_RED};
    static const uint16_t FOUR[] = {GxEPD_BLACK, GxEPD_WHITE, GxEPD_YELLOW, GxEPD_RED};
    static const uint16_t SIX[] = {GxEPD_BLACK, GxEPD_WHITE, GxEPD_YELLOW, GxEPD_RED, GxEPD_WHITE, GxEPD_BLUE, GxEPD_GREEN};
    static const uint16_t SEVEN[] = {GxEPD_BLACK, GxEPD_WHITE, GxEPD_GREEN, GxEPD_BLUE, GxEPD_RED, GxEPD_YELLOW, GxEPD_ORANGE};
    switch (FORMAT.inks) {
      case noticed::Inks::BWRY:
        return FOUR[code];
      case noticed::Inks::SPECTRA6:
        return code < 7 ? SIX[code] : GxEPD_WHITE;
      case noticed::Inks::ACEP7:
        return code < 7 ? SEVEN[code] : GxEPD_WHITE;
      default:
        return code < 3 ? THREE[code] : GxEPD_WHITE;
    }
  }
};

static float battery() {
#if defined(SIGN_BATTERY_PIN)
  return analogReadMilliVolts(SIGN_BATTERY_PIN) * SIGN_BATTERY_DIVIDER / 1000;
#else
  return 0;
#endif
}

void setup() {
  Serial.begin(115200);
  if (esp_reset_reason() == ESP_RST_POWERON) memory.check = 0;
  Board board({battery(), "noticed-sign 1 GxEPD2"});
  const uint32_t pause_s = noticed::visit(board, memory, {SIGN_REFRESH_S, SIGN_GRACE_S});
  Serial.printf("the glass shows %s; next in %lu s\n", memory.glass[0] != '\0' ? memory.glass : "no notice",
                static_cast<unsigned long>(pause_s));
  Serial.flush();
  esp_sleep_enable_timer_wakeup(uint64_t{pause_s} * 1000000);
  esp_deep_sleep_start();
}

void loop() {}
