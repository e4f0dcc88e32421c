#include "sqlgrey/net/public_suffixes.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

using namespace sqlgrey::net;
using Catch::Matchers::Contains;

namespace {

class Directory {
  public:
    Directory() : path_((std::filesystem::temp_directory_path() / "sqlgrey-XXXXXX").string()) {
        REQUIRE(::mkdtemp(path_.data()) != nullptr);
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    ~Directory() { std::filesystem::remove_all(path_); }
    std::string file(std::string_view text) const {
        std::ofstream(path_ + "/list", std::ios::binary) << text;
        return path_ + "/list";
    }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

}  // namespace

TEST_CASE("the organisation of a host is the label left of its public suffix, and the suffix") {
    const PublicSuffixes suffixes;
    CHECK(suffixes.organisation_of("mail-wr1-f41.google.com") == "google.com");
    CHECK(suffixes.organisation_of("a.b.example.co.uk") == "example.co.uk");
    CHECK(suffixes.organisation_of("Mail.GMX.Net.") == "gmx.net");
    CHECK(suffixes.organisation_of("one.github.io") == "one.github.io");
    CHECK(suffixes.organisation_of("mail.internal") == "mail.internal");
    CHECK(suffixes.organisation_of("mx.mail.xn--p1ai") == "mail.xn--p1ai");
}

TEST_CASE("texts that are not host names below a public suffix have no organisation") {
    const PublicSuffixes suffixes;
    const auto name =
        GENERATE(as<std::string>{}, "", ".", "com", "co.uk", "localhost", "unknown", "1.2.3.4", "::1",
                 "a..com", ".com", "a.com..", "a b.com", "a\x80.com", "ec2-1-2-3-4.compute-1.amazonaws.com");
    CAPTURE(name);
    CHECK(suffixes.organisation_of(name).empty());
    CHECK(suffixes.organisation_of(std::string(300, 'a') + ".com").empty());
    CHECK(suffixes.organisation_of(std::string_view("a\0b.com", 7)).empty());
}

TEST_CASE("the system's list is read") {
    const PublicSuffixFile file = PublicSuffixFile::read("");
    CHECK(file.problem.empty());
    CHECK_FALSE(file.path.empty());
    CHECK(file.made > sqlgrey::base::at(0));
    CHECK(file.suffixes.organisation_of("mail.example.co.uk") == "example.co.uk");
}

TEST_CASE("a list named in the settings is used") {
    const Directory directory;
    const PublicSuffixFile file = PublicSuffixFile::read(directory.file(
        "// ===BEGIN ICANN DOMAINS===\ncom\nuk\nco.uk\nbr\ncom.br\n// ===END ICANN DOMAINS===\n"
        "// ===BEGIN PRIVATE DOMAINS===\nhoster.com\n// ===END PRIVATE DOMAINS===\n"));
    CHECK(file.problem.empty());
    CHECK(file.suffixes.organisation_of("a.customer.hoster.com") == "customer.hoster.com");
}

TEST_CASE("a missing or damaged list is reported, and the built-in one is used") {
    const Directory directory;
    const auto check = [](const std::string& path, const std::string& why) {
        const PublicSuffixFile file = PublicSuffixFile::read(path);
        CHECK(file.path.empty());
        CHECK(file.made > sqlgrey::base::at(1'600'000'000));
        CHECK_THAT(file.problem, Contains(path) && Contains(why) && Contains("built in"));
        CHECK(file.suffixes.organisation_of("a.example.co.uk") == "example.co.uk");
    };
    check("/nonexistent/list", "No such file");
    check(directory.path(), "not a regular file");
    check(directory.file(""), "not a public suffix list");
    check(directory.file("garbage\n\x00\xff\n"), "not a public suffix list");
    check(directory.file("<html>not found</html>\n"), "not a public suffix list");
    const std::string large = directory.file("com\n");
    std::filesystem::resize_file(large, (16 << 20) + 1);
    check(large, "larger than 16 MiB");
    std::string labels;
    for (int i = 0; i < 5000; ++i) labels += "a.";
    check(directory.file(labels + "com\n"), "not a public suffix list");
    const std::string fifo = directory.path() + "/fifo";
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    check(fifo, "not a regular file");
}

TEST_CASE("domains that differ only after their first label are related") {
    CHECK(are_related("gmx.com", "gmx.net"));
    CHECK(are_related("yahoo.co.uk", "yahoo.com"));
    CHECK(are_related("google.com", "google.com"));
    CHECK_FALSE(are_related("google.com", "gogle.com"));
    CHECK_FALSE(are_related("", ""));
    CHECK_FALSE(are_related("google.com", ""));
}
