#include "passthrough/folder_events.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>

namespace bulkhead::passthrough {

Result<FolderEvents> FolderEvents::open(const std::filesystem::path& folder) {
    Fd inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!inotify || ::inotify_add_watch(inotify.get(), folder.c_str(), IN_MOVED_TO) < 0)
        return fail_errno("can't watch the folder", folder.string());
    return FolderEvents(std::move(inotify));
}

bool FolderEvents::wait_until(std::chrono::steady_clock::time_point end) const {
    using std::chrono::milliseconds;
    const auto left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now()).count();
    pollfd events{inotify_.get(), POLLIN, 0};
    if (left <= 0 || ::poll(&events, 1, static_cast<int>(left)) <= 0) return false;
    alignas(inotify_event) std::array<char, 4096> told{};
    [[maybe_unused]] const ssize_t got = ::read(inotify_.get(), told.data(), told.size());
    return true;
}

}  // namespace bulkhead::passthrough
