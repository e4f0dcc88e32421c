// A memory file in the store has the texts: "FORMAT\n", then "INODE SIZE\n" and the text of each connection
// that has one. It is put first, and each text is written before its connection is put, so no connection is
// ever there without its text. The inode of a socket is its own as long as it is open anywhere.
#include "sqlgrey/process/descriptor_store.hpp"

#include "notify_socket.hpp"
#include "sqlgrey/base/file.hpp"
#include "sqlgrey/base/time.hpp"

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sqlgrey::process {

namespace {

constexpr const char* name_of_connections = "sqlgrey-connection";
constexpr const char* name_of_texts = "sqlgrey-texts";
constexpr base::Seconds send_limit{1};
constexpr int taken_limit_ms = 5000;
constexpr std::size_t most_text = 64 << 20;

using Inode = std::uint64_t;

std::optional<Inode> inode_of(int fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return std::nullopt;
    return status.st_ino;
}

std::optional<std::uint64_t> take_number(std::string_view& text, char end) {
    std::uint64_t number = 0;
    const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(next - text.data()));
    if (error != std::errc{} || !text.starts_with(end)) return std::nullopt;
    text.remove_prefix(1);
    return number;
}

// What is in a file of texts.
struct Texts {
    bool complete = false;  // and of the format that was asked for
    std::map<Inode, std::string> by_inode;
};

Texts read_texts(int file, std::string_view connection_format) {
    Texts texts;
    if (::lseek(file, 0, SEEK_SET) != 0) return texts;
    const auto all = base::read_all(file, most_text);
    std::string_view rest = all ? std::string_view{*all} : "";
    const bool is_known =
        rest.starts_with(connection_format) && rest.substr(connection_format.size()).starts_with('\n');
    if (!is_known) return texts;
    rest.remove_prefix(connection_format.size() + 1);
    while (!rest.empty()) {
        const auto inode = take_number(rest, ' ');
        const auto size = inode ? take_number(rest, '\n') : std::nullopt;
        if (!size || *size > rest.size() || *size > base::longest_text) return texts;
        texts.by_inode[*inode] = rest.substr(0, *size);
        rest.remove_prefix(*size);
    }
    texts.complete = true;
    return texts;
}

}  // namespace

std::optional<DescriptorStore> DescriptorStore::of_service(std::string_view connection_format) {
    const char* value = std::getenv("FDSTORE");
    const std::string_view text = value == nullptr ? "" : value;
    std::size_t room = 0;
    std::from_chars(text.data(), text.data() + text.size(), room);
    base::unique_fd socket = connect_to_systemd(send_limit);
    if (room == 0 || !socket) return std::nullopt;
    return DescriptorStore(std::move(socket), room, connection_format);
}

DescriptorStore::DescriptorStore(base::unique_fd socket, std::size_t room, std::string_view connection_format)
    : socket_(std::move(socket)), room_(room), connection_format_(connection_format) {
}

bool DescriptorStore::put(const std::string& name, int fd) {
    if (room_ == 0) return false;
    --room_;
    return tell_systemd(socket_.get(), "FDSTORE=1\nFDNAME=" + name, fd);
}

bool DescriptorStore::put_connection(const base::Message& connection) {
    if (!write_text(connection) || !put(name_of_connections, connection.fd.get())) return false;
    ++connections_;
    return true;
}

bool DescriptorStore::write_text(const base::Message& connection) {
    if (!texts_) {
        texts_.reset(::memfd_create("sqlgrey-texts", MFD_CLOEXEC));
        if (!texts_ || !base::write_all(texts_.get(), connection_format_ + "\n") ||
            !put(name_of_texts, texts_.get()))
            return false;
    }
    if (connection.text.empty()) return true;
    const auto inode = inode_of(connection.fd.get());
    return inode &&
           base::write_all(texts_.get(), std::to_string(*inode) + ' ' +
                                             std::to_string(connection.text.size()) + '\n' + connection.text);
}

void DescriptorStore::wait_until_taken() const {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
    const base::unique_fd reading{ends[0]};
    base::unique_fd writing{ends[1]};
    if (!tell_systemd(socket_.get(), "BARRIER=1", writing.get())) return;
    writing.reset();
    pollfd closed{reading.get(), 0, 0};
    ::poll(&closed, 1, taken_limit_ms);
}

std::vector<base::Message> take_stored_connections(std::vector<PassedDescriptor>& passed,
                                                   std::string_view connection_format) {
    Texts texts;
    for (PassedDescriptor& each : passed)
        if (each.name == name_of_texts) texts = read_texts(each.fd.get(), connection_format);
    std::vector<base::Message> connections;
    for (PassedDescriptor& each : passed) {
        if (each.name != name_of_connections || !texts.complete) continue;
        const auto text = texts.by_inode.find(inode_of(each.fd.get()).value_or(0));
        connections.push_back({true, std::move(each.fd), text == texts.by_inode.end() ? "" : text->second});
    }
    std::erase_if(passed, [](const PassedDescriptor& each) { return is_name_in_store(each.name); });
    return connections;
}

bool is_name_in_store(std::string_view name) {
    return name == name_of_texts || name == name_of_connections;
}

void forget_stored(const std::string& name) {
    notify_systemd("FDSTOREREMOVE=1\nFDNAME=" + name);
}

}  // namespace sqlgrey::process
