// Bytes to Request: the Postfix policy delegation protocol, reading side
// (Postfix SMTPD_POLICY_README; behaviour.md section 1). Pure: no sockets, no log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::policy {

inline constexpr std::size_t max_text = 512;        // name and value are each cut here, in bytes
inline constexpr std::size_t max_attributes = 128;  // further names of one request are dropped
inline constexpr std::size_t max_junk = 8;          // further junk lines of one request are dropped

// One complete request as Postfix sent it. Values are raw; nothing is lower-cased yet.
class Request {
  public:
    // The value of an attribute; empty if it is absent (to Postfix the two are the same).
    std::string_view get(std::string_view name) const;
    // True if the attribute was sent, even empty.
    bool has(std::string_view name) const;
    // Sets it; a later duplicate wins. Both are cut at max_text; beyond max_attributes names a new one is
    // dropped.
    void set(std::string_view name, std::string_view value);
    // Lines that had no '=' or nothing before it (each cut at max_text; at most max_junk are kept),
    // for the log.
    const std::vector<std::string>& junk() const { return junk_; }
    void add_junk(std::string_view line);
    // How many names it has.
    std::size_t size() const { return attributes_.size(); }
    bool operator==(const Request&) const = default;

  private:
    // A name and, right behind it, its value: where in text_. One buffer for all, because a request
    // of Postfix has some thirty of them.
    struct Attribute {
        std::uint32_t at;
        std::uint16_t name;   // length
        std::uint16_t value;  // length
        bool operator==(const Attribute&) const = default;
    };
    std::string_view name_of(const Attribute& attribute) const;
    std::vector<Attribute>::const_iterator find(std::string_view name) const;
    void forget(std::vector<Attribute>::const_iterator attribute);

    std::string text_;
    std::vector<Attribute> attributes_;
    std::vector<std::string> junk_;
};

// Cuts a stream into requests. Bytes may come split anywhere; CRLF line ends are accepted; NUL is a
// byte like others. Memory is bounded whatever is sent: what is over-long is cut and the rest of its line
// skipped. One Parser a connection, used by one thread.
class Parser {
  public:
    // Takes the next bytes and appends each request they complete, in order. An empty line with
    // nothing before it is no request; one behind junk lines only is (Postfix waits for an answer).
    void feed(std::string_view bytes, std::vector<Request>& complete);
    // True if a request has begun and is not complete.
    bool midway() const;

  private:
    void take(std::string_view part_of_line);
    void store(std::string_view part_of_line);
    void end_of_line(std::vector<Request>& complete);

    Request current_;
    bool begun_ = false;  // current_ has had a line
    // The line being read.
    std::string name_;  // up to the first '='; a line without one is here as a whole
    std::string value_;
    bool has_equals_ = false;
    bool held_cr_ = false;  // a '\r' that is part of the line only if no '\n' follows
};

}  // namespace sqlgrey::policy
