// Text files, compressed or not, and other files.
#include "sqlgrey/importer/lines.hpp"
#include "sqlgrey/importer/text_file.hpp"

#include <cstdio>
#include <iterator>
#include <random>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/mman.h>
#include <zlib.h>

using namespace sqlgrey;
using namespace sqlgrey::importer;
using namespace std::string_literals;

namespace {

base::unique_fd file_of(const std::string& bytes) {
    base::unique_fd fd{::memfd_create("text", MFD_CLOEXEC)};
    REQUIRE(::write(fd.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    REQUIRE(::lseek(fd.get(), 0, SEEK_SET) == 0);
    return fd;
}

std::string packed(const std::string& text) {
    z_stream stream{};
    REQUIRE(::deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(::deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

struct Read {
    std::string text, problem;
    bool empty = false;
};

Read read(const std::string& bytes) {
    TextFile file(file_of(bytes));
    const std::string text{std::istreambuf_iterator<char>(file.text()), {}};
    return {text, file.problem(), file.empty()};
}

std::string long_text() {
    std::minstd_rand random{7};
    std::string text;
    while (text.size() < 300'000) text += std::to_string(random()) + "\n";
    return text;
}

}  // namespace

TEST_CASE("a file that is not packed is read as it is") {
    for (const std::string& text : {"one\ntwo\n"s, "x"s, "\x1f"s, "\0\0"s, long_text()}) {
        const Read found = read(text);
        REQUIRE(found.text == text);
        REQUIRE(found.problem.empty());
        REQUIRE_FALSE(found.empty);
    }
    REQUIRE(read("").empty);
}

TEST_CASE("gzip files are decompressed, with all members") {
    const std::string text = long_text();
    REQUIRE(read(packed(text)).text == text);
    REQUIRE(read(packed("one\n") + packed("") + packed("two\n")).text == "one\ntwo\n");
    REQUIRE(read(packed(text) + packed(text)).text == text + text);
    for (const std::string& zeros : {std::string(1, '\0'), std::string(200'000, '\0')}) {
        const Read padded = read(packed("one\n") + zeros);
        REQUIRE(padded.text == "one\n");
        REQUIRE(padded.problem.empty());
        REQUIRE(read(packed("one\n") + zeros + packed("two\n")).text == "one\ntwo\n");
    }
    REQUIRE(read(packed("")).problem.empty());
}

TEST_CASE("of a packed file that was cut off all is read that is there, and the rest is missed") {
    const std::string text = long_text();
    const std::string whole = packed(text);
    for (const std::size_t size :
         {whole.size() / 2, whole.size() - 1, whole.size() - 8, std::size_t{2}, std::size_t{9}}) {
        const Read found = read(whole.substr(0, size));
        REQUIRE(text.starts_with(found.text));
        REQUIRE(found.text.size() + 40'000 >= text.size() * size / whole.size());
        REQUIRE_THAT(found.problem, Catch::Contains("missing"));
    }
    REQUIRE_THAT(read(packed("one\n") + whole.substr(0, 5)).problem, Catch::Contains("missing"));
}

TEST_CASE("a damaged gzip file is reported") {
    const std::string text = long_text();
    std::string whole = packed(text);
    whole[whole.size() / 2] = static_cast<char>(~whole[whole.size() / 2]);
    REQUIRE_THAT(read(whole).problem, Catch::Contains("damaged"));
    whole = packed(text);
    whole[whole.size() - 6] = static_cast<char>(~whole[whole.size() - 6]);  // of the checksum
    REQUIRE_THAT(read(whole).problem, Catch::Contains("damaged"));
    REQUIRE_THAT(read("\x1f\x8b nonsense").problem, Catch::Contains("damaged"));
    const Read mixed = read(packed("one\n") + "two\n");
    REQUIRE(mixed.text == "one\n");
    REQUIRE_THAT(mixed.problem, Catch::Contains("not packed"));
}

TEST_CASE("any bytes after the first two of gzip are accepted") {
    std::minstd_rand random{11};
    const std::string whole = packed(long_text());
    for (int i = 0; i < 300; ++i) {
        std::string bytes = whole.substr(0, random() % whole.size());
        for (int k = 0; k < 3 && !bytes.empty(); ++k)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        read(bytes);
    }
}

TEST_CASE("a few bytes that unpack to a line without end are read in bounded memory") {
    const std::string zeros(1 << 20, '\0');
    std::string bomb;
    for (int i = 0; i < 200; ++i) bomb += packed(zeros);
    REQUIRE(bomb.size() < 1 << 20);
    TextFile file(file_of(bomb + packed("\nlast\n")));
    LineReader lines(file.text());
    const auto first = lines.next();
    REQUIRE(first->text.size() == longest_line);
    REQUIRE_FALSE(first->whole);
    REQUIRE(lines.next()->text == "last");
}

TEST_CASE("files that are not text are recognised by their first bytes, with the command that unpacks them") {
    for (const auto& [bytes, command] : {std::pair{"\xfd"
                                                   "7zXZ\0..."s,
                                                   "xz -dc"},
                                         {"\x28\xb5\x2f\xfd..."s, "zstd -dc"},
                                         {"BZh91AY"s, "bzip2 -dc"},
                                         {"PK\x03\x04"s, "unzip -p"},
                                         {"LPKSHHRH..."s, "journalctl -o short-iso --file"},
                                         {"\xff\xfeN\0"s, "iconv -f UTF-16 -t UTF-8"}}) {
        TextFile file(file_of(bytes));
        REQUIRE_FALSE(LineReader(file.text()).next());
        REQUIRE(file.not_text());
        REQUIRE(file.not_text()->command == command);
    }
    TextFile file(file_of("Nov 18"));
    REQUIRE(LineReader(file.text()).next());
    REQUIRE_FALSE(file.not_text());
}

TEST_CASE("an unreadable file is reported") {
    TextFile file{base::unique_fd{::open("/", O_RDONLY | O_CLOEXEC)}};
    REQUIRE_FALSE(LineReader(file.text()).next());
    REQUIRE_THAT(file.problem(), Catch::Contains("directory"));
}
