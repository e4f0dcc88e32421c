// Reading whole files, also if something else is in their place, and writing whole texts.
#include "sqlgrey/base/file.hpp"
#include "sqlgrey/base/unique_fd.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace sqlgrey::base;
using Catch::Contains;

namespace {

class Directory {
  public:
    Directory() : path_(::mkdtemp(name_)) {}
    ~Directory() { std::filesystem::remove_all(path_); }
    std::string file(const std::string& name, const std::string& text) const {
        std::ofstream(path_ + "/" + name) << text;
        return path_ + "/" + name;
    }
    const std::string& path() const { return path_; }

  private:
    char name_[32] = "/tmp/base_file.XXXXXX";
    std::string path_;
};

struct Pipe {
    unique_fd read, write;
    explicit Pipe(int flags = 0) {
        int ends[2];
        REQUIRE(::pipe2(ends, flags | O_CLOEXEC) == 0);
        read.reset(ends[0]);
        write.reset(ends[1]);
    }
};

}  // namespace

TEST_CASE("all of a regular file is read, up to a limit") {
    const Directory directory;
    const std::string text = GENERATE(as<std::string>{}, "", "one\ntwo", std::string(300'000, 'x'));
    const std::string path = directory.file("list", text);
    const auto file = read_regular_file(path, text.size());
    REQUIRE(file);
    CHECK(file->text == text);
    CHECK(file->status.st_size == static_cast<off_t>(text.size()));
    if (text.empty()) return;
    CHECK_THROWS_WITH(read_regular_file(path, text.size() - 1),
                      path + ": more than " + std::to_string(text.size() - 1) + " bytes");
}

TEST_CASE("a file that is not there is nothing, and one that cannot be read an error with its path") {
    const Directory directory;
    CHECK_FALSE(read_regular_file(directory.path() + "/none", 10));
    CHECK_FALSE(read_regular_file(directory.file("plain", "") + "/below", 10));
    CHECK_THROWS_WITH(read_regular_file(directory.path(), 10), directory.path() + ": not a regular file");
    CHECK_THROWS_WITH(read_regular_file(directory.file("large", std::string(11, 'x')), 10),
                      Contains("/large: more than 10 bytes"));
}

TEST_CASE("a FIFO in the place of a file is not waited for") {
    const Directory directory;
    const std::string path = directory.path() + "/fifo";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    CHECK_THROWS_WITH(read_regular_file(path, 10), path + ": not a regular file");
}

TEST_CASE("a limit in whole MiB is reported in MiB") {
    const Directory directory;
    const std::string path = directory.file("large", "");
    std::filesystem::resize_file(path, (2 << 20) + 1);
    CHECK_THROWS_WITH(read_regular_file(path, 2 << 20), path + ": more than 2 MiB");
}

TEST_CASE("a size that the system does not know before does not matter") {
    const auto file = read_regular_file("/proc/self/status", 1 << 20);
    REQUIRE(file);
    CHECK(file->status.st_size == 0);
    CHECK_THAT(file->text, Contains("Pid:"));
}

TEST_CASE("a pipe is read to its end, and too many bytes are EFBIG") {
    Pipe pipe;
    REQUIRE(write_all(pipe.write.get(), "hello"));
    pipe.write.reset();
    const bool fits = GENERATE(true, false);
    const auto text = read_all(pipe.read.get(), fits ? 5 : 4);
    if (fits) {
        CHECK(text == "hello");
    } else {
        CHECK(errno == EFBIG);
        CHECK_FALSE(text);
    }
}

TEST_CASE("more than a pipe holds is written, also without blocking") {
    Pipe pipe(GENERATE(0, O_NONBLOCK));
    ::fcntl(pipe.read.get(), F_SETFL, 0);
    const std::string text(1 << 20, 'x');
    std::string received;
    std::thread reader([&] { received = read_all(pipe.read.get(), text.size()).value_or("?"); });
    CHECK(write_all(pipe.write.get(), text));
    pipe.write.reset();
    reader.join();
    CHECK(received == text);
}

TEST_CASE("writing without a reader fails") {
    Pipe pipe;
    pipe.write.reset(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    CHECK_FALSE(write_all(pipe.write.get(), "x"));
    CHECK(errno == ENOSPC);
}

namespace {

std::string text_of(const std::string& path) {
    return read_regular_file(path, 1000).value().text;
}
std::size_t files_in(const std::string& directory) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory), {}));
}
mode_t mode_of(const std::string& path) {
    return read_regular_file(path, 1000).value().status.st_mode & 0777;
}

}  // namespace

TEST_CASE("a file is replaced as a whole, and keeps its permissions") {
    const Directory directory;
    const std::string path = directory.path() + "/page.html";
    replace_file(path, "one", 0644);
    CHECK(text_of(path) == "one");
    CHECK(mode_of(path) == 0644);
    ::chmod(path.c_str(), 0600);
    const unique_fd reader(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    replace_file(path, "two", 0644);
    CHECK(text_of(path) == "two");
    CHECK(mode_of(path) == 0600);
    CHECK(read_all(reader.get(), 1000) == "one");  // who has it open reads the old one to its end
    CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("a file that is replaced keeps its owner and group") {
    if (::geteuid() != 0) return;  // may give nothing away
    const Directory directory;
    const std::string path = directory.file("page.html", "old");
    REQUIRE(::chown(path.c_str(), 2, 33) == 0);
    REQUIRE(::chmod(path.c_str(), 0640) == 0);
    replace_file(path, "new", 0644);
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    CHECK(status.st_uid == 2);
    CHECK(status.st_gid == 33);
    CHECK((status.st_mode & 0777) == 0640);
}

TEST_CASE("only a regular file is replaced, and nothing is left of an attempt that fails") {
    const Directory directory;
    std::filesystem::create_directory(directory.path() + "/directory");
    const std::string fifo = directory.path() + "/fifo";
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    CHECK_THROWS_WITH(replace_file(directory.path() + "/directory", "x", 0644),
                      Contains("it is a directory"));
    CHECK_THROWS_WITH(replace_file(fifo, "x", 0644), Contains("not a regular file"));
    const std::string target = directory.file("target", "one"), link = directory.path() + "/link";
    std::filesystem::create_symlink("target", link);
    CHECK_THROWS_WITH(replace_file(link, "x", 0644), Contains("it is a symbolic link"));
    CHECK(text_of(target) == "one");
    CHECK_THROWS_WITH(replace_file("/dev/null", "x", 0644), Contains("not a regular file"));
    CHECK_THROWS_WITH(replace_file(directory.path() + "/absent/page.html", "x", 0644),
                      Contains("/absent/page.html: No such file"));
    CHECK(files_in(directory.path()) == 4);
}

TEST_CASE("a file that does not fit is not replaced") {
    const Directory directory;
    const std::string path = directory.file("page.html", "old");
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1000, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK_THROWS_WITH(replace_file(path, std::string(2000, 'x'), 0644),
                      Contains("page.html: File too large"));
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, handler);
    CHECK(text_of(path) == "old");
    CHECK(files_in(directory.path()) == 1);
}
