// Messages between two processes over a connected SOCK_SEQPACKET socket, which preserves message boundaries:
// a short text, with or without an open descriptor (SCM_RIGHTS, unix(7)). Never blocks.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sqlgrey::base {

inline constexpr std::size_t longest_text = 8192;  // of a message, in bytes

// `again`: the peer's queue is full, or nothing is waiting; `gone`: the peer has closed its end or sends no
// more.
enum class PassResult { done, again, gone };

// A received message.
struct Message {
    // True with an empty `fd` if the descriptor was lost because this process has no free one (EMFILE).
    bool with_fd = false;
    unique_fd fd;  // close-on-exec
    std::string text;
};

// The caller keeps its copy of the descriptor. A text longer than longest_text is not sent: `gone`.
PassResult send_fd(int channel, int fd, std::string_view text = {});
PassResult send_text(int channel, std::string_view text);

// Receives one message; `message` changes only on done. Throws std::bad_alloc, and then the message is still
// in the queue.
PassResult receive(int channel, Message& message);

}  // namespace sqlgrey::base
