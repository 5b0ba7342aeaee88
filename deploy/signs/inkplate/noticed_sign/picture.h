// A picture as the box sends it to panels (`image.raw`): rows from the top, each in whole bytes, leftmost pixel in the highest bits.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

namespace noticed {

/// Inks of a panel, as in `panel = "800x480-bw"`.
enum class Inks {
  /// 1 bit: 0 black, 1 white.
  BW,
  /// Two planes of 1 bit, black and then colour; 0 is ink. Also `bwy`.
  BWR,
  /// 2 bits: 0 black, 1 white, 2 yellow, 3 red.
  BWRY,
  /// 4 bits: 0 black … 15 white.
  GREY16,
  /// 4 bits: 0 black, 1 white, 2 yellow, 3 red, 5 blue, 6 green.
  SPECTRA6,
  /// 4 bits: 0 black, 1 white, 2 green, 3 blue, 4 red, 5 yellow, 6 orange.
  ACEP7,
};

struct Format {
  Inks inks;
  uint16_t width;
  uint16_t height;

  unsigned bits() const { return inks == Inks::BW || inks == Inks::BWR ? 1 : inks == Inks::BWRY ? 2 : 4; }
  size_t row_bytes() const { return (size_t{width} * bits() + 7) / 8; }
  size_t plane_bytes() const { return row_bytes() * height; }
  size_t bytes() const { return plane_bytes() * (inks == Inks::BWR ? 2 : 1); }
};

/// The number of one pixel. Of a panel with two planes: 0 black, 1 white, 2 colour. `Bytes` gives one byte of the picture.
template <class Bytes>
uint8_t pixel(const Format &format, const Bytes &bytes, unsigned x, unsigned y) {
  const unsigned per_byte = 8 / format.bits();
  const size_t at = y * format.row_bytes() + x / per_byte;
  const unsigned shift = 8 - format.bits() * (x % per_byte + 1);
  const uint8_t mask = static_cast<uint8_t>((1u << format.bits()) - 1);
  const uint8_t first = (bytes[at] >> shift) & mask;
  if (format.inks != Inks::BWR) return first;
  const uint8_t colour = (bytes[at + format.plane_bytes()] >> shift) & mask;
  return first == 0 ? 0 : colour == 0 ? 2 : 1;
}

/// Memory for a picture, in pieces: a chip without extra RAM has no 96 kB in one.
class Store {
 public:
  ~Store() { release(); }

  bool allocate(size_t bytes) {
    release();
    for (; capacity_ < bytes; capacity_ += PIECE) {
      if (capacity_ / PIECE == PIECES_MAX) return false;
      uint8_t *piece = static_cast<uint8_t *>(malloc(PIECE));
      if (piece == nullptr) return false;
      pieces_[capacity_ / PIECE] = piece;
    }
    return true;
  }

  void release() {
    for (; capacity_ > 0; capacity_ -= PIECE) free(pieces_[capacity_ / PIECE - 1]);
  }

  uint8_t operator[](size_t at) const { return pieces_[at / PIECE][at % PIECE]; }

  /// Where the byte `at` is, and how many lie there in a row.
  uint8_t *room(size_t at, size_t *length) {
    *length = PIECE - at % PIECE;
    return pieces_[at / PIECE] + at % PIECE;
  }

 private:
  static constexpr size_t PIECE = 4096;
  /// 1872x1404 in 16 greys.
  static constexpr size_t PIECES_MAX = 321;

  uint8_t *pieces_[PIECES_MAX];
  size_t capacity_ = 0;
};

}  // namespace noticed
