// What a connection does not know: how bytes become requests, and replies bytes. One for each kind of client.
#pragma once

#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/policy/request.hpp"
#include "sqlgrey/server/front.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::server {

class Codec {
  public:
    virtual ~Codec() = default;

    // Appends the next complete requests, `most` at the most; bytes to be sent at once are appended to
    // `output`. Returns how many bytes were used; the others come again.
    virtual std::size_t read(std::string_view bytes, std::size_t most, std::vector<policy::Request>& requests,
                             std::string& output) = 0;
    // The reply to the oldest request that has none.
    virtual void write(const policy::Reply& reply, std::string& output) = 0;
    // The client has said that it will send nothing more, or has sent what is no request.
    virtual bool ended() const = 0;
    // What is wrong with its bytes, for a line of the log; empty if nothing is.
    virtual std::string_view fault() const = 0;
    // A request has begun and is not complete.
    virtual bool midway() const = 0;
    // What another codec of the kind needs to go on; call it while no request is without its reply.
    virtual std::string begun() const = 0;
    virtual void resume(std::string_view begun) = 0;
};

struct MilterOptions {
    std::string name;  // unlike that of any other connection
    bool adds_header = true;
};

std::unique_ptr<Codec> make_codec(Front front, const MilterOptions& milter);

}  // namespace sqlgrey::server
