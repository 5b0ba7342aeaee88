// Days in the life of a sign, on a desk: the sketch as it is (SKETCH), with stubs for the board, the panel and the network.
#include <Arduino.h>
#include <HTTPClient.h>
#include <WiFi.h>

#include <vector>

World *world;
WiFiStub WiFi;
esp_reset_reason_t reset_reason;
uint64_t sleep_us;

#include SKETCH

// An Arduino sketch is compiled into one piece with the prototypes of its functions; here it is all above.

namespace {

Shape shape() {
#if defined(SIGN_DRIVER)
  return SIGN_DRIVER::shape();
#else
  return display.shape();
#endif
}

struct Shop {
  World own;
  double slept = 0;
  double refresh_s = SIGN_REFRESH_S;

  Shop() {
    world = &own;
    own.own_page.assign(UNKNOWN_PAGE, UNKNOWN_PAGE + sizeof UNKNOWN_PAGE);
    own.refresh = SIGN_REFRESH_S;
    own.grace = SIGN_GRACE_S;
    power_on();
  }

  int active() { return own.add(false, 0, shape()); }
  int deny(double seconds) { return own.add(true, own.now + seconds, shape()); }

  void power_on() {
    reset_reason = ESP_RST_POWERON;
    memset(&memory, 0xa5, sizeof memory);
    own.forgot();
  }

  /// One wake; afterwards it sleeps, but no time has passed yet.
  void wake() {
    WiFi.begun = false;
    try {
      setup();
      own.fail("it does not go to sleep");
    } catch (const Sleep &sleep) {
      slept = sleep.seconds;
      reset_reason = ESP_RST_DEEPSLEEP;
    } catch (const Reset &) {
      // Brown-outs and watchdogs start it again within moments.
      slept = 1;
      reset_reason = ESP_RST_SW;
      own.forgot();
    }
  }

  void sleep() { own.pass(slept / own.clock_rate); }

  /// Wakes and sleeps for so long.
  void live(double seconds) {
    for (const double end = own.now + seconds; own.now < end;) {
      sleep();
      wake();
    }
  }
};

int failed = 0;

void check(const char *scenario, const Shop &shop, bool ok, const char *what) {
  if (!ok) {
    ++failed;
    printf("FAILED %s: %s (glass %d, %d draws, slept %.0f s)\n", scenario, what, shop.own.glass, shop.own.draws, shop.slept);
  }
}

void done(const char *scenario, const Shop &shop) {
  for (const std::string &failure : shop.own.failures) {
    ++failed;
    printf("FAILED %s: %s\n", scenario, failure.c_str());
  }
}

#define CHECK(condition) check(scenario, shop, condition, #condition)

void the_first_picture_is_drawn_and_said() {
  const char *scenario = __func__;
  Shop shop;
  shop.own.current = shop.active();
  shop.wake();
  CHECK(shop.own.glass == 0 && shop.own.draws == 1 && shop.own.pictures == 1 && shop.own.words == 1);
  CHECK(shop.own.confirmed(0) && shop.own.counts());
  CHECK(shop.slept == shop.own.transition);
  shop.live(100);
  CHECK(shop.slept == shop.own.refresh);
  CHECK(shop.own.last_rssi == "-61" && shop.own.last_firmware.rfind("noticed-sign", 0) == 0);
  done(scenario, shop);
}

void an_unchanged_notice_is_never_drawn_again_but_once_a_day() {
  const char *scenario = __func__;
  Shop shop;
  shop.own.current = shop.active();
  shop.wake();
  shop.live(0.9 * 86400);
  CHECK(shop.own.draws == 1 && shop.own.pictures == 1);
  CHECK(shop.own.counts() && shop.own.words > 80);
  shop.live(0.3 * 86400);
  CHECK(shop.own.draws == 2 && shop.own.glass == 0 && shop.own.counts());
  shop.own.broken_bodies = 1000;
  shop.live(1.5 * 86400);
  CHECK(shop.own.draws == 2 && shop.own.glass == 0 && shop.own.counts());
  done(scenario, shop);
}

void a_changed_notice_is_drawn_and_said() {
  const char *scenario = __func__;
  Shop shop;
  shop.own.current = shop.active();
  shop.wake();
  shop.live(1000);
  shop.own.wanted = false;
  shop.own.current = shop.deny(14400);
  shop.sleep();
  shop.wake();
  CHECK(shop.own.glass == 1 && shop.own.draws == 2 && !shop.own.counts());
  shop.own.wanted = true;
  shop.own.current = shop.active();
  shop.sleep();
  CHECK(!shop.own.counts());
  shop.wake();
  CHECK(shop.own.glass == 2 && shop.own.counts());
  done(scenario, shop);
}

void a_display_that_lost_the_box_says_so_and_recovers() {
  const char *scenario = __func__;
  Shop shop;
  shop.own.current = shop.active();
  shop.wake();
  shop.live(2000);
  shop.own.box_up = false;
  shop.live(300);
  CHECK(shop.own.glass == 0);
  shop.live(1800);
  CHECK(shop.own.glass == OWN_PAGE_SHOWN && shop.own.own_pages == 1 && !shop.own.counts());
  shop.live(20000);
  CHECK(shop.own.draws == 2 && shop.slept == 900);
  shop.own.box_up = true;
  shop.live(950);
  CHECK(shop.own.glass == 0 && shop.own.draws == 3 && shop.own.counts());
  done(scenario, shop);
}

void a_short_outage_is_not_seen() {
  const char *scenario = __func__;
  Shop shop;
  shop.own.current = shop.active();
  shop.wake();
  shop.live(2000);
  shop.own.wifi = false;
  shop.live(200);
  shop.own.wifi = true;
  shop.live(2000);
  CHECK(shop.own.draws == 1 && shop.own.counts());
  done(scenario, shop);
}

void not_counting_ends_with_its_time() {
  const char *scenario = __func__;
  for (const double rate : {0.951, 1.0, 1.049}) {
    Shop shop;
    shop.own.clock_rate = rate;
    shop.own.wanted = false;
    shop.own.current = shop.deny(1000);
    shop.wake();
    CHECK(shop.own.glass == 0);
    shop.own.box_up = false;
    shop.live(1060);
    CHECK(shop.own.glass == OWN_PAGE_SHOWN);
    done(scenario, shop);
  }
}

void a_long_denial_costs_no_more_questions_than_other_notices() {
  const char *scenario = __func__;
  Shop shop;
  shop.own.wanted = false;
  shop.own.current = shop.deny(14400);
  shop.wake();
  shop.live(14300);
  CHECK(shop.own.draws == 1 && shop.own.questions < 26);
  done(scenario, shop);
}

void after_power_came_on_it_says_so_when_the_box_no_longer_believes_it() {
  const char *scenario = __func__;
  Shop shop;
  shop.own.current = shop.active();
  shop.wake();
  shop.own.box_up = false;
  shop.power_on();
  shop.wake();
  shop.live(800);
  CHECK(shop.own.glass == 0);
  shop.live(400);
  CHECK(shop.own.glass == OWN_PAGE_SHOWN);
  done(scenario, shop);
}

void half_a_picture_is_never_drawn() {
  const char *scenario = __func__;
  Shop shop;
  shop.own.current = shop.active();
  shop.wake();
  shop.live(1000);
  shop.own.current = shop.active();
  shop.own.broken_bodies = 1000;
  shop.live(3000);
  CHECK(shop.own.glass == OWN_PAGE_SHOWN && !shop.own.counts() && shop.own.words_of_other == 0);
  shop.own.broken_bodies = 0;
  shop.live(950);
  CHECK(shop.own.glass == 1 && shop.own.counts());
  done(scenario, shop);
}

void a_picture_of_another_size_is_never_drawn() {
  const char *scenario = __func__;
  Shop shop;
  shop.own.current = shop.active();
  shop.own.notices[0].raw.push_back(0xff);
  shop.wake();
  CHECK(shop.own.glass == SOMETHING);
  shop.live(1500);
  CHECK(shop.own.glass == OWN_PAGE_SHOWN && shop.own.words == 0);
  done(scenario, shop);
}

void a_notice_that_changes_between_question_and_picture_is_asked_for_again() {
  const char *scenario = __func__;
  Shop shop;
  shop.own.current = shop.active();
  shop.own.change_after_question = shop.active();
  shop.wake();
  CHECK(shop.own.glass == 1 && shop.own.questions == 2 && shop.own.draws == 1 && shop.own.counts());
  done(scenario, shop);
}

void a_notice_that_changes_before_the_word_is_drawn_at_once() {
  const char *scenario = __func__;
  Shop shop;
  shop.own.current = shop.active();
  shop.own.change_before_word = shop.active();
  shop.wake();
  CHECK(shop.own.glass == 1 && shop.own.draws == 2 && shop.own.counts());
  done(scenario, shop);
}

void a_panel_that_does_not_draw_is_not_said_to_show_anything() {
  const char *scenario = __func__;
  Shop shop;
  shop.own.current = shop.active();
  shop.own.panel_works = false;
  shop.wake();
  CHECK(shop.own.words == 0 && !shop.own.counts() && shop.slept > 170 && shop.slept <= 180);
  shop.own.panel_works = true;
  shop.live(200);
  CHECK(shop.own.glass == 0 && shop.own.counts());
  done(scenario, shop);
}

void a_reset_in_the_middle_of_a_redraw_is_put_right() {
  const char *scenario = __func__;
  Shop shop;
  shop.own.current = shop.active();
  shop.wake();
  shop.own.current = shop.active();
  shop.own.reset_while_drawing = true;
  shop.sleep();
  shop.wake();
  CHECK(shop.own.glass == TORN && shop.own.draws == 2);
  shop.sleep();
  shop.own.reset_while_drawing = true;
  shop.wake();
  CHECK(shop.own.glass == TORN && shop.own.draws == 2 && shop.slept > 150);
  shop.own.reset_while_drawing = false;
  shop.live(200);
  CHECK(shop.own.glass == 1 && shop.own.counts());
  done(scenario, shop);
}

void a_word_that_was_lost_is_said_again() {
  const char *scenario = __func__;
  Shop shop;
  shop.own.current = shop.active();
  shop.own.lost_words = 1;
  shop.wake();
  CHECK(!shop.own.counts());
  shop.live(70);
  CHECK(shop.own.counts() && shop.own.draws == 1);
  done(scenario, shop);
}

void with_a_wrong_credential_nothing_is_counted() {
  const char *scenario = __func__;
  Shop shop;
  shop.own.token = "ffffffffffffffffffffffffffffffff";
  shop.own.current = shop.active();
  shop.wake();
  shop.live(5000);
  CHECK(shop.own.glass == 0 && !shop.own.counts() && shop.own.draws == 1);
  done(scenario, shop);
}

void a_box_that_has_nothing_yet_is_asked_again_soon() {
  const char *scenario = __func__;
  Shop shop;
  shop.wake();
  CHECK(shop.own.draws == 0 && shop.slept == 60);
  shop.own.current = shop.active();
  shop.live(100);
  CHECK(shop.own.glass == 0 && shop.own.counts());
  done(scenario, shop);
}

/// Whatever happens: World::watch and World::said look at what must hold.
void whatever_happens(uint32_t seed) {
  const char *scenario = __func__;
  Shop shop;
  World &own = shop.own;
  auto random = [&seed](uint32_t below) { return ((seed = seed * 1664525 + 1013904223) >> 8) % below; };
  own.clock_rate = 0.951 + 0.001 * random(99);
  own.current = shop.active();
  const int other = shop.active();
  int stops = 0;
  for (int step = 0; step < 60; ++step) {
    own.box_up = random(5) != 0;
    own.wifi = random(6) != 0;
    own.panel_works = random(12) != 0;
    own.broken_bodies = random(8) == 0 ? 1 + static_cast<int>(random(3)) : 0;
    own.lost_words = random(8) == 0 ? 1 : 0;
    own.reset_while_drawing = random(15) == 0;
    if (random(10) == 0) shop.power_on();
    switch (random(4)) {
      case 0:
        own.wanted = true;
        own.current = random(2) == 0 ? 0 : other;
        break;
      case 1:
        if (stops < 6) {
          ++stops;
          own.wanted = false;
          own.current = shop.deny(900 + random(14400));
        }
        break;
      case 2:
        own.change_after_question = own.wanted ? (random(2) == 0 ? 0 : other) : -1;
        own.change_before_word = own.wanted && random(3) == 0 ? (random(2) == 0 ? 0 : other) : -1;
        break;
      default:
        break;
    }
    // The box renews what it denies before its time is over.
    if (own.is_denying() && own.notices[own.current].until < own.now + 1000) {
      own.wanted = true;
      own.current = 0;
    }
    shop.live(random(3) == 0 ? 120 : 1 + random(4000));
  }
  own.box_up = own.wifi = own.panel_works = true;
  own.broken_bodies = own.lost_words = 0;
  own.reset_while_drawing = false;
  own.change_after_question = own.change_before_word = -1;
  own.wanted = true;
  own.current = other;
  for (const Notice &notice : own.notices) {
    if (notice.until > own.now) own.now = notice.until;
  }
  shop.live(3000);
  CHECK(own.glass == other && own.counts());
  own.box_up = false;
  shop.live(3000);
  CHECK(own.glass == OWN_PAGE_SHOWN);
  CHECK(own.needless_draws == 0);
  if (!own.failures.empty() || failed > 0) printf("  with seed %u\n", seed);
  done(scenario, shop);
}

}  // namespace

int main(int count, char **words) {
  the_first_picture_is_drawn_and_said();
  an_unchanged_notice_is_never_drawn_again_but_once_a_day();
  a_changed_notice_is_drawn_and_said();
  a_display_that_lost_the_box_says_so_and_recovers();
  a_short_outage_is_not_seen();
  not_counting_ends_with_its_time();
  after_power_came_on_it_says_so_when_the_box_no_longer_believes_it();
  half_a_picture_is_never_drawn();
  a_picture_of_another_size_is_never_drawn();
  a_notice_that_changes_between_question_and_picture_is_asked_for_again();
  a_notice_that_changes_before_the_word_is_drawn_at_once();
  a_long_denial_costs_no_more_questions_than_other_notices();
  a_panel_that_does_not_draw_is_not_said_to_show_anything();
  a_reset_in_the_middle_of_a_redraw_is_put_right();
  a_word_that_was_lost_is_said_again();
  with_a_wrong_credential_nothing_is_counted();
  a_box_that_has_nothing_yet_is_asked_again_soon();
  const int worlds = count > 1 ? atoi(words[1]) : 3;
  for (int each = 0; each < worlds && failed == 0; ++each) whatever_happens(static_cast<uint32_t>(each) * 2654435761u + 1);
  if (failed == 0) printf("%s: 17 scenarios and %d random lives passed\n", NAME, worlds);
  return failed == 0 ? 0 : 1;
}
