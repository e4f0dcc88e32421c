// Messages between two processes over a connected Unix socket that keeps them apart (SOCK_SEQPACKET): a short
// text, with or without an open descriptor (SCM_RIGHTS, unix(7)). Nothing here ever blocks.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sqlgrey::base {

inline constexpr std::size_t longest_text = 8192;  // of a message, in bytes

// `again`: the queue of the other side is full, or nothing is waiting; `gone`: nobody is at the other side,
// or it sends no more.
enum class Passed { yes, again, gone };

struct Message {
    // True with an empty `fd` when the descriptor was lost on the way: this process has no free one (EMFILE).
    bool with_fd = false;
    unique_fd fd;  // close-on-exec
    std::string text;
};

// The caller keeps its own copy of the descriptor. A text beyond longest_text is never sent: `gone`.
Passed send_fd(int channel, int fd, std::string_view text = {});
Passed send_text(int channel, std::string_view text);

// Takes one message; `message` is only changed on yes. Throws std::bad_alloc, and then nothing has been
// taken.
Passed receive(int channel, Message& message);

}  // namespace sqlgrey::base
