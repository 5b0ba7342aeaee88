// The parts of keeper.h that read: answers, times, and memory that may be anything.
#include <initializer_list>
#include <string>

#include "keeper.h"

static int failed = 0;

#define CHECK(condition)                                      \
  if (!(condition)) {                                         \
    ++failed;                                                 \
    printf("FAILED keeper, line %d: %s\n", __LINE__, #condition); \
  }

static const char *const HASH = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static bool read(const char *notice, const char *rest, const char *date, noticed::Answer &answer) {
  char text[400];
  snprintf(text, sizeof text, "{\"id\":\"till\",\"reason\":\"so \\\"notice\\\":null, {\\\\\",\"image\":{\"notice\":1},\"notice\":%s%s}", notice, rest);
  return noticed::read_answer(text, date, answer);
}

int main() {
  using namespace noticed;
  Answer answer;
  char quoted[80];
  snprintf(quoted, sizeof quoted, "\"%s\"", HASH);
  CHECK(read(quoted, ",\"valid_until\":null,\"refresh_seconds\":900", "", answer));
  CHECK(strcmp(answer.notice, HASH) == 0 && answer.refresh_s == 900 && answer.left_s == -1);
  const char *until = ",\"valid_until\":\"2026-07-29T11:06:29+02:00\",\"refresh_seconds\":60";
  CHECK(read(quoted, until, "Wed, 29 Jul 2026 08:06:29 GMT", answer) && answer.left_s == 3600);
  // A time that is over, or that cannot be compared, holds for no second.
  CHECK(read(quoted, until, "Wed, 29 Jul 2026 09:06:30 GMT", answer) && answer.left_s == 0);
  CHECK(read(quoted, until, "", answer) && answer.left_s == 0);
  CHECK(read(quoted, ",\"valid_until\":\"soon\",\"refresh_seconds\":60", "Wed, 29 Jul 2026 08:06:29 GMT", answer) && answer.left_s == 0);
  CHECK(read("null", ",\"valid_until\":null,\"refresh_seconds\":60", "", answer) && answer.notice[0] == '\0');
  for (const char *no : {"\"0123\"", "\"../../etc/passwd\"", "\"\""}) CHECK(!read(no, ",\"valid_until\":null,\"refresh_seconds\":60", "", answer));
  CHECK(!read(quoted, ",\"valid_until\":null", "", answer));
  CHECK(!read_answer("", "", answer) && !read_answer("<html>", "", answer) && !read_answer("{\"notice", "", answer));
  // A picture is of a notice whenever it was offered, and also when it no longer is.
  for (const char *end : {"\"", "-1785312389\""}) {
    char tag[96];
    snprintf(tag, sizeof tag, "\"%s%s", HASH, end);
    CHECK(is_tag_of(tag, HASH) && !is_tag_of(tag + 1, HASH));
    tag[9] = 'x';
    CHECK(!is_tag_of(tag, HASH));
  }
  for (const char *end : {"", "0\""}) CHECK(!is_tag_of((std::string("\"") + HASH + end).c_str(), HASH));
  CHECK(!is_tag_of("", HASH) && !is_tag_of("\"\"", HASH));
  CHECK(parse_time("1970-01-01T00:00:00Z") == 0 && parse_time("2000-03-01T00:00:00Z") == 951868800);
  CHECK(parse_time("2026-03-29T01:59:59+01:00") == 1774745999 && parse_time("2025-12-31T23:00:00-01:30") == 1767227400);
  CHECK(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT") == 0 && parse_http_date("Sun, 29 Feb 2032 23:59:59 GMT") == 1961711999);
  for (const char *no : {"", "Thu", "Thu, 01 Foo 1970 00:00:00 GMT", "Thu, 01 anF 1970 00:00:00 GMT"}) CHECK(parse_http_date(no) == -1);

  // Every word of memory after power came on, one bit changed, or a clock that went back: forgotten.
  const Pace pace = {900, 90};
  Memory memory;
  memset(&memory, 0x5a, sizeof memory);
  CHECK(!Keeper(memory, pace, 100).may_vouch());
  memset(&answer, 0, sizeof answer);
  memcpy(answer.notice, HASH, NOTICE_DIGITS);
  answer.refresh_s = 900;
  answer.left_s = -1;
  Keeper(memory, pace, 100).drew(answer, 100, 110);
  CHECK(Keeper(memory, pace, 111).may_vouch() && strcmp(memory.glass, HASH) == 0);
  for (size_t bit = 0; bit < sizeof memory * 8; ++bit) {
    Memory spoilt = memory;
    reinterpret_cast<uint8_t *>(&spoilt)[bit / 8] ^= 1u << bit % 8;
    CHECK(!Keeper(spoilt, pace, 111).may_vouch());
  }
  CHECK(!Keeper(memory, pace, 50).may_vouch());
  if (failed == 0) printf("keeper: answers, times and memory are read as they should be\n");
  return failed == 0 ? 0 : 1;
}
