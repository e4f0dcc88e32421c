#include "sqlgrey/service/outage.hpp"

#include <algorithm>
#include <cerrno>

#include <signal.h>
#include <unistd.h>

namespace sqlgrey::service {
namespace {

bool alive(int pid) {
    return pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM);
}

// A free cell, or the last one: with more workers than cells they share it, and an outage may then be
// told once too often.
OutageBoard::Cell& claim(OutageBoard& board) {
    for (OutageBoard::Cell& cell : board.cells) {
        int owner = cell.pid;
        if (alive(owner) && owner != ::getpid()) continue;
        if (!cell.pid.compare_exchange_strong(owner, ::getpid())) continue;
        return cell;
    }
    return board.cells.back();
}

}  // namespace

Outage::Outage(OutageBoard& board) : board_(board), cell_(claim(board)) {
}

bool Outage::begins(base::Time now, How how) {
    if (how == How::frozen) {
        board_.frozen = true;
        ++board_.freezes;
    }
    if (how == How::unwritten) board_.unwritten = true;
    cell_.away = true;
    long long none = 0;
    return board_.since.compare_exchange_strong(none, base::epoch(now));
}

std::optional<Outage::Over> Outage::wrote(base::Time now) {
    if (board_.since == 0) return {};
    board_.unwritten = false;
    return ends(now);
}

std::optional<Outage::Over> Outage::ends(base::Time now) {
    board_.frozen = false;
    cell_.away = false;
    if (board_.unwritten) return {};
    if (anyone_away()) return {};
    const long long since = board_.since.exchange(0);
    if (since == 0) return {};
    return Over{now - base::at(since), board_.answered.exchange(0)};
}

bool Outage::anyone_away() const {
    return std::ranges::any_of(board_.cells,
                               [](const OutageBoard::Cell& cell) { return cell.away && alive(cell.pid); });
}

}  // namespace sqlgrey::service
