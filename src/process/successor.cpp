#include "successor.hpp"

#include "replace_messages.hpp"
#include "sqlgrey/base/time.hpp"

#include <cerrno>
#include <cstdlib>
#include <thread>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace sqlgrey::process {

namespace {

constexpr base::Milliseconds pause_without_descriptor{20};

// Nothing if the peer may replace this daemon.
std::string why_not(const ucred& peer) {
    if (peer.uid == 0 || peer.uid == ::geteuid()) return {};
    return "only root and the account that it runs as may replace it, and user " + std::to_string(peer.uid) +
           " is neither";
}

replace::Welcome own_welcome() {
    const char* notify_socket = std::getenv("NOTIFY_SOCKET");
    return {notify_socket == nullptr ? "" : notify_socket, replace::own_cgroup()};
}

void refuse_at(int connection, std::string_view reason) {
    base::send_text(connection, replace::refusal(reason));
}

}  // namespace

// After go, others ask the new daemon.
std::vector<int> Successor::to_watch() const {
    std::vector<int> all;
    if (connection_) all.push_back(connection_.get());
    if (!connection_ || step_ != Step::went) all.push_back(listener_);
    return all;
}

Successor::Said Successor::read(int fd) {
    if (fd == listener_) accept();
    if (!connection_ || fd != connection_.get()) return Said::nothing;
    base::Message message;
    switch (base::receive(connection_.get(), message)) {
        case base::PassResult::again:
            return Said::nothing;
        case base::PassResult::gone:
            disconnect();
            return step_ == Step::connected ? Said::nothing : Said::gone;
        case base::PassResult::done:
            break;
    }
    return said(message.text);
}

void Successor::accept() {
    base::unique_fd peer{::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (!peer) {
        // Otherwise the master would not sleep while no descriptor is free, because the peer still waits.
        if (errno == EMFILE || errno == ENFILE) std::this_thread::sleep_for(pause_without_descriptor);
        return;
    }
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(peer.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return;
    if (const std::string reason = why_not(credentials); !reason.empty())
        return refuse_at(peer.get(), reason);
    if (connection_)
        return refuse_at(peer.get(), "process " + std::to_string(pid_) + " is replacing it already");
    connection_ = std::move(peer);
    pid_ = credentials.pid;
    step_ = Step::connected;
}

Successor::Said Successor::said(std::string_view text) {
    if (step_ == Step::preparing && text == replace::ready) return Said::ready;
    const auto hello = step_ == Step::connected ? replace::hello(text) : std::nullopt;
    if (hello) {
        connection_format_ = hello->connection_format;
        return Said::hello;
    }
    refuse("it does not understand this version of sqlgrey; stop it with --kill, and start this one");
    return step_ == Step::connected ? Said::nothing : Said::gone;
}

bool Successor::welcome(const std::vector<Offered>& offered) {
    using base::PassResult;
    step_ = Step::preparing;
    bool sent = base::send_text(connection_.get(), replace::to_text(own_welcome())) == PassResult::done;
    for (const Offered& each : offered)
        sent = sent && base::send_fd(connection_.get(), each.fd, each.name) == PassResult::done;
    sent = sent && base::send_text(connection_.get(), replace::that_is_all) == PassResult::done;
    if (!sent) disconnect();
    return sent;
}

bool Successor::go() {
    step_ = Step::went;
    const bool sent = base::send_text(connection_.get(), replace::go) == base::PassResult::done;
    if (!sent) disconnect();
    return sent;
}

base::PassResult Successor::pass(const base::Message& connection) const {
    if (!connection_) return base::PassResult::gone;
    return base::send_fd(connection_.get(), connection.fd.get(), connection.text);
}

void Successor::refuse(std::string_view reason) {
    if (connection_) refuse_at(connection_.get(), reason);
    disconnect();
}

void Successor::disconnect() {
    connection_.reset();
}

}  // namespace sqlgrey::process
