// One wake of a display: ask, fetch and draw if something is new, and say what is on the glass.
//
// `Board` is what the sketch brings: the clock, the box at the other end of the network, and the panel.
#pragma once

#include "keeper.h"

namespace noticed {

/// What came of fetching a picture.
enum class Fetched {
  WHOLE,
  /// The picture is that of another notice: it changed since the question.
  OTHER,
  FAILED,
};

/// Notices that change between question and word are asked for again at once, but not for ever.
constexpr int ROUNDS_MAX = 3;

template <class Board>
void show_own_page(Board &board, Keeper &keeper) {
  keeper.drawing(board.now());
  if (board.draw_own_page()) keeper.drew_own_page(board.now());
}

/// Whether the wake is over.
template <class Board>
bool one_round(Board &board, Keeper &keeper) {
  Answer answer;
  const bool vouched = keeper.may_vouch();
  const bool answered = board.ask(vouched, answer);
  const int64_t asked_at = board.now();
  Step step = answered ? keeper.answered(answer, vouched, asked_at) : keeper.unanswered(asked_at);
  if (step == Step::DRAW) {
    const Fetched fetched = board.fetch(answer.notice);
    if (fetched == Fetched::OTHER) return false;
    if (fetched == Fetched::WHOLE) {
      keeper.drawing(board.now());
      if (!board.draw()) return true;
      keeper.drew(answer, asked_at, board.now());
      step = Step::SAY;
    } else {
      step = keeper.unfetched(answer, board.now());
    }
  }
  if (step == Step::OWN_PAGE) show_own_page(board, keeper);
  if (step != Step::SAY) return true;
  return board.say(keeper.glass()) != 409;
}

/// Seconds to sleep until the next one.
template <class Board>
uint32_t visit(Board &board, Memory &memory, const Pace &pace) {
  Keeper keeper(memory, pace, board.now());
  for (int round = 0; round < ROUNDS_MAX; ++round) {
    if (one_round(board, keeper)) break;
  }
  return keeper.pause_s(board.now());
}

}  // namespace noticed
