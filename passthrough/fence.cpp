#include "passthrough/fence.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <utility>

#include "base/file.hpp"
#include "passthrough/record.hpp"

namespace bulkhead::passthrough {
namespace {

// A lock on a file that was meanwhile removed guards nothing.
bool still_at(int fd, const std::filesystem::path& path) {
    struct stat held{};
    struct stat named{};
    return ::fstat(fd, &held) == 0 && ::stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
           held.st_dev == named.st_dev;
}

// flock(2) that gives up: the alarm's only use is to interrupt it. Runs before there is a loop or a thread.
bool lock_within(int fd, std::chrono::seconds patience) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK || patience.count() <= 0) return false;
    struct sigaction interrupt{};
    interrupt.sa_handler = [](int) {};
    struct sigaction before{};
    ::sigaction(SIGALRM, &interrupt, &before);
    ::alarm(static_cast<unsigned>(patience.count()));
    const bool locked = ::flock(fd, LOCK_EX) == 0;
    ::alarm(0);
    ::sigaction(SIGALRM, &before, nullptr);
    return locked;
}

Result<> check(const model::Assignment& assignment, const model::Assignment& recorded, bool owner_lives) {
    if (assignment.token < recorded.token)
        return fail(Code::refused,
                    "token " + std::to_string(assignment.token) + " is older than " +
                        std::to_string(recorded.token) + " of partition " + recorded.partition.str(),
                    assignment.device.str(), "the token of the device's latest assignment");
    if (assignment.token == recorded.token && owner_lives)
        return fail(Code::conflict, "token " + std::to_string(assignment.token) + " is being served already",
                    assignment.device.str());
    return {};
}

}  // namespace

std::filesystem::path Fence::path_of(const std::filesystem::path& control) {
    return control.string() + ".lock";
}

Result<model::Assignment> Fence::recorded(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return fail(Code::not_found, "no such record", path.string());
    BULKHEAD_TRY_ASSIGN(const std::string text, read_file(path, longest_record));
    return decode_record(text, path);
}

Result<Fence> Fence::acquire(const std::filesystem::path& path, const model::Assignment& assignment,
                             std::chrono::seconds patience) {
    const std::string record = encode_record(assignment);
    if (record.size() > longest_record || assignment.at.find('\n') != std::string::npos)
        return fail(Code::invalid, "the place of the device is no usable path", assignment.device.str());
    while (true) {
        BULKHEAD_TRY_ASSIGN(Fd fd, open_file(path, O_RDWR | O_CREAT, 0600));
        if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
            // Nobody waits for a lock that it may not have.
            if (const auto latest = recorded(path)) BULKHEAD_TRY(check(assignment, *latest, true));
            if (!lock_within(fd.get(), patience))
                return fail(Code::timeout, "the owner before did not end", assignment.device.str());
        }
        if (!still_at(fd.get(), path)) continue;
        // An unreadable or empty record is that of an owner that died before it served anything.
        if (const auto latest = recorded(path)) BULKHEAD_TRY(check(assignment, *latest, false));
        if (::pwrite(fd.get(), record.data(), record.size(), 0) != static_cast<ssize_t>(record.size()) ||
            ::ftruncate(fd.get(), static_cast<off_t>(record.size())) != 0)
            return fail_errno("can't record the assignment", path.string());
        return Fence(std::move(fd));
    }
}

}  // namespace bulkhead::passthrough
