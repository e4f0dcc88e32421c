// The milter protocol of Sendmail and Postfix, versions 2 to 6: bytes to requests, replies to bytes. Pure: no
// sockets, no log, no libmilter.
//
// A packet is a 32-bit length, a command and its data. The protocol says nothing about greylisting: the mail
// server tells the client's address, HELO, sender and each recipient, and we ask it to wait for us at two of
// them only, each recipient and the end of the message. A Request has the names and values that Postfix would
// send to a policy server about the same recipient, so that lists, rules and log need not know from where it
// came:
//
//     client_address, client_name, reverse_client_name, client_port, helo_name, sender, recipient, size,
//     queue_id, sasl_method, sasl_username, sasl_sender, encryption_protocol, encryption_cipher,
//     encryption_keysize, ccert_subject, ccert_issuer, server_address, server_port, protocol_state=RCPT,
//     request=smtpd_access_policy, and instance, which we make: see Session.
//
// All of them are there, with the values that Postfix sends if there is nothing to tell.
//
// client_name is "unknown" unless the mail server says that it has verified the name: in the macro
// {client_name}, with {client_resolve} = OK if there is such a macro (Sendmail; Postfix verifies by itself).
// The name in the packet about the connection is not used: Sendmail may send one there that is forged.
#pragma once

#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/policy/request.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::milter {

// Bytes of a packet that is stored; libmilter sends no longer ones. Bodies, which no one asked for, may be
// longer, and are skipped.
inline constexpr std::size_t longest_packet = 65536;

// One connection of a mail server. Memory is bounded by the longest packet and the limits of policy::Request.
// Not thread-safe.
class Session {
  public:
    // `name` is the first part of each `instance`; the number of the message on this connection follows, so a
    // name that no other connection has identifies a message. `adds_header`: ask for the right to add one.
    Session(std::string name, bool adds_header);

    // Reads packets until one makes a request: nothing more is read until its answer(). Bytes to be sent at
    // once are appended to `output`, because some packets have an answer that needs no decision. Returns how
    // many bytes were used.
    std::size_t feed(std::string_view bytes, std::vector<policy::Request>& requests, std::string& output);
    // The answer to the last request. A pass is `c` (continue), or `a` (accept) if it holds for the whole
    // message; its header, and a message to be held, wait for the end of the message. A refusal is `y` with a
    // code and text, a discarded message `d`.
    void answer(const policy::Reply& reply, std::string& output);

    // The mail server has said that it will send nothing more, or fault() is not empty. Further bytes are
    // dropped.
    bool ended() const { return ended_; }
    // What is wrong with its bytes: a part of a sentence for the administrator, without text from outside.
    // Empty if nothing is.
    std::string_view fault() const { return fault_; }
    // True if a packet has begun and is not complete.
    bool midway() const { return !held_.empty() || skip_ > 0; }

    // Everything that another Session needs to go on with this connection; call it when no answer() is due.
    // Up to 200 kB from a client that sends as much as allowed; less than 3 kB from Sendmail or Postfix.
    std::string to_text() const;
    // Makes this session that one. Accepts any text, because it may come from another version: one that is
    // not understood ends the session.
    void resume(std::string_view text);

  private:
    std::string_view next_packet(std::string_view& rest);
    bool hold(std::string_view& rest, std::size_t up_to);
    void skip(std::string_view& rest, std::string& output);
    void wrong(std::string_view what);

    void handle(std::string_view packet, std::vector<policy::Request>& requests, std::string& output);
    void negotiate(std::string_view data, std::string& output);
    void macros(std::string_view data);
    void connect(std::string_view data, std::string& output);
    void helo(std::string_view data, std::string& output);
    void mail(std::string_view data, std::string& output);
    void recipient(std::string_view data, std::vector<policy::Request>& requests, std::string& output);
    void end_of_message(std::string& output);
    void unused(char command, std::string& output);
    void go_on_unless(std::uint32_t not_expected, std::string& output) const;
    void begin_message();
    void forget_message();
    void forget_client();

    std::string name_;
    bool adds_header_;
    // What was agreed on.
    std::uint32_t actions_ = 0, protocol_ = 0;

    policy::Request client_;   // attributes of the connection
    policy::Request message_;  // those and the ones of the message, from its first macro on
    std::uint64_t messages_ = 0;
    bool negotiated_ = false;
    bool connected_ = false;
    bool not_by_network_ = false;  // the client has no IP address: mail from this machine
    bool has_begun_ = false;       // message_ is of the message that is coming in
    bool has_sender_ = false;
    bool waits_ = false;      // for answer()
    std::string header_;      // "Name: text", for the end of the message
    std::string why_held_{};  // the same

    std::string held_;    // of a packet that is not complete
    std::string packet_;  // the last one that arrived in parts
    std::uint64_t skip_ = 0;
    char skipped_ = 0;  // the command of the packet that is skipped
    bool ended_ = false;
    std::string_view fault_{};
};

}  // namespace sqlgrey::milter
