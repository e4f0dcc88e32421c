#include "sqlgrey/importer/text_file.hpp"

#include "sqlgrey/base/error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#define ZLIB_CONST
#include <unistd.h>
#include <zlib.h>

namespace sqlgrey::importer {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t buffer_size = 65536;
constexpr std::string_view gzip_magic = "\x1f\x8b"sv;

struct Magic {
    std::string_view bytes;
    TextFile::NotText file;
};

constexpr std::array<Magic, 11> not_texts{
    {{"\xfd"
      "7zXZ\0"sv,
      {"packed by xz", "xz -dc"}},
     {"\x28\xb5\x2f\xfd"sv, {"packed by zstd", "zstd -dc"}},
     {"BZh"sv, {"packed by bzip2", "bzip2 -dc"}},
     {"\x04\x22\x4d\x18"sv, {"packed by lz4", "lz4 -dc"}},
     {"LZIP"sv, {"packed by lzip", "lzip -dc"}},
     {"\x5d\0\0"sv, {"packed by lzma", "xz --format=lzma -dc"}},
     {"\x1f\x9d"sv, {"packed by compress", "zcat"}},
     {"PK\x03\x04"sv, {"packed by zip", "unzip -p"}},
     {"LPKSHHRH"sv, {"a file of systemd's journal", "journalctl -o short-iso --file"}},
     {"\xff\xfe"sv, {"text in UTF-16", "iconv -f UTF-16 -t UTF-8"}},
     {"\xfe\xff"sv, {"text in UTF-16", "iconv -f UTF-16 -t UTF-8"}}}};

constexpr std::size_t longest_magic = 8;

}  // namespace

class TextFile::Buffer : public std::streambuf {
  public:
    explicit Buffer(base::unique_fd file) : file_(std::move(file)) {}
    ~Buffer() override {
        if (state_ == State::in_member || state_ == State::between_members) ::inflateEnd(&packed_);
    }

    std::string problem;
    const NotText* not_text = nullptr;
    bool empty = true;

  protected:
    int_type underflow() override {
        const std::string_view text = next();
        if (text.empty()) return traits_type::eof();
        char* begin = const_cast<char*>(text.data());  // into a buffer of this class
        setg(begin, begin, begin + text.size());
        return traits_type::to_int_type(*begin);
    }

  private:
    enum class State { unopened, plain, in_member, between_members, ended };

    std::string_view next();
    void begin();
    std::string_view unpacked();
    void next_member();
    bool fill(std::size_t at_least);
    void end(std::string why);

    base::unique_fd file_;
    State state_ = State::unopened;
    z_stream packed_{};
    std::string_view unread_;  // of raw_
    std::array<char, buffer_size> raw_, text_;
};

// The next piece of text; nothing at the end.
std::string_view TextFile::Buffer::next() {
    if (state_ == State::unopened) begin();
    if (state_ == State::plain) {
        if (unread_.empty() && !fill(1)) state_ = State::ended;
        return std::exchange(unread_, {});
    }
    while (state_ == State::in_member || state_ == State::between_members) {
        if (state_ == State::between_members)
            next_member();
        else if (const std::string_view text = unpacked(); !text.empty())
            return text;
    }
    return {};
}

void TextFile::Buffer::begin() {
    fill(longest_magic);
    empty = unread_.empty();
    for (const Magic& magic : not_texts)
        if (unread_.starts_with(magic.bytes)) not_text = &magic.file;
    if (not_text || state_ == State::ended) {
        state_ = State::ended;
    } else if (unread_.starts_with(gzip_magic)) {
        constexpr int gzip_only = 15 + 16;  // the largest window, and only the format of gzip
        if (::inflateInit2(&packed_, gzip_only) != Z_OK) return end("there is no memory to unpack it");
        state_ = State::in_member;
    } else {
        state_ = State::plain;
    }
}

// The output of one decompression step, possibly empty; the state shows whether there is more.
std::string_view TextFile::Buffer::unpacked() {
    if (unread_.empty() && !fill(1)) {
        end("it ends in the middle of what gzip has packed; the rest is missing");
        return {};
    }
    packed_.next_in = reinterpret_cast<const Bytef*>(unread_.data());
    packed_.avail_in = static_cast<uInt>(unread_.size());
    packed_.next_out = reinterpret_cast<Bytef*>(text_.data());
    packed_.avail_out = static_cast<uInt>(text_.size());
    const int result = ::inflate(&packed_, Z_NO_FLUSH);
    unread_ = unread_.substr(unread_.size() - packed_.avail_in);
    if (result == Z_STREAM_END)
        state_ = State::between_members;
    else if (result != Z_OK && result != Z_BUF_ERROR)
        end("what gzip has packed is damaged; the rest was not read");
    return {text_.data(), text_.size() - packed_.avail_out};
}

// Zeros may pad the end of the file, as on tapes.
void TextFile::Buffer::next_member() {
    unread_.remove_prefix(std::min(unread_.find_first_not_of('\0'), unread_.size()));
    if (unread_.size() < gzip_magic.size() && !fill(gzip_magic.size()) && unread_.empty()) return end({});
    if (unread_.starts_with('\0')) return;
    if (!unread_.starts_with(gzip_magic))
        return end("what follows the part that gzip has packed is not packed, and was not read");
    ::inflateReset(&packed_);
    state_ = State::in_member;
}

// Reads until at least so many bytes are unread; false if the file ends earlier, or cannot be read.
bool TextFile::Buffer::fill(std::size_t at_least) {
    if (!unread_.empty()) std::memmove(raw_.data(), unread_.data(), unread_.size());
    std::size_t size = unread_.size();
    while (size < at_least) {
        const ssize_t got = ::read(file_.get(), raw_.data() + size, raw_.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) end(base::with_errno("it cannot be read to its end", errno));
        if (got <= 0) break;
        size += static_cast<std::size_t>(got);
    }
    unread_ = {raw_.data(), size};
    return size >= at_least;
}

void TextFile::Buffer::end(std::string why) {
    if (state_ == State::in_member || state_ == State::between_members) ::inflateEnd(&packed_);
    if (problem.empty()) problem = std::move(why);
    state_ = State::ended;
}

TextFile::TextFile(base::unique_fd file)
    : buffer_(std::make_unique<Buffer>(std::move(file))), text_(buffer_.get()) {
}

TextFile::~TextFile() = default;

const std::string& TextFile::problem() const {
    return buffer_->problem;
}

const TextFile::NotText* TextFile::not_text() const {
    return buffer_->not_text;
}

bool TextFile::empty() const {
    return buffer_->empty;
}

}  // namespace sqlgrey::importer
