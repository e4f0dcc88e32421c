#include "local_file.hpp"

#include "file.hpp"
#include "sqlgrey/log/problems.hpp"

namespace sqlgrey::lists {
namespace {

std::int64_t nanoseconds(const timespec& time) {
    return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

}  // namespace

LocalFile::Stamp LocalFile::stamp_of(const struct stat& status) {
    return {status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim),
            nanoseconds(status.st_ctim)};
}

std::optional<LocalFile::Stamp> LocalFile::stamp_now() const {
    struct stat status {};
    if (::stat(path_.c_str(), &status) != 0) return std::nullopt;
    return stamp_of(status);
}

bool LocalFile::refresh(const log::Logger& logger, log::Level news) {
    if (is_read_ && stamp_now() == stamp_) return false;
    const auto before = list_;
    is_read_ = false;
    try {
        read(logger, news);
        is_read_ = true;
        told_.clear();
    } catch (const base::FileError& unreadable) {
        log_unreadable(unreadable.what(), logger);
    }
    return list_ != before;
}

void LocalFile::read(const log::Logger& logger, log::Level news) {
    const auto file = read_file(path_);
    if (!file) {
        if (list_) log_news(logger, news, path_ + ": deleted, " + entries(list_->size()) + " removed");
        list_ = nullptr;
        stamp_ = std::nullopt;
        return;
    }
    ListBuilder::Built built = list_in(file->text, name_, path_);
    list_ = std::move(built.list);
    stamp_ = stamp_of(file->status);
    log_news(logger, news, path_ + ": read, " + entries(list_->size()));
    log::write_problems(logger, built.problems);
}

void LocalFile::log_unreadable(const std::string& why, const log::Logger& logger) {
    if (why == told_) return;
    told_ = why;
    const std::string then = list_
                                 ? "; the list read before (" + entries(list_->size()) + ") remains in effect"
                                 : "; its entries are not in effect";
    log::write_problems(logger, {{true, why + then}});
}

}  // namespace sqlgrey::lists
