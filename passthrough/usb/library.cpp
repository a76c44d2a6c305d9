#include "passthrough/usb/library.hpp"

#include <poll.h>

#include <span>

#include "base/log.hpp"

namespace bulkhead::passthrough::usb {
namespace {

struct FreePollFds {
    void operator()(const libusb_pollfd** list) const { libusb_free_pollfds(list); }
};

}  // namespace

Error library_error(int code, const char* what) {
    return {code == LIBUSB_ERROR_NO_DEVICE ? Code::unavailable : Code::io,
            std::string(what) + ": " + libusb_strerror(code),
            {},
            {},
            {}};
}

Result<std::unique_ptr<Library>> Library::open(Loop& loop) {
    // As the default of the context that is about to be made: it would look for devices right there.
    if (const int done = libusb_set_option(nullptr, LIBUSB_OPTION_NO_DEVICE_DISCOVERY); done != 0)
        return std::unexpected(library_error(done, "libusb can't do without a look at the buses"));
    libusb_context* context = nullptr;
    if (const int done = libusb_init(&context); done != 0)
        return std::unexpected(library_error(done, "libusb does not start"));
    std::unique_ptr<Library> library(new Library(loop, context));
    BULKHEAD_TRY(library->watch_all());
    return library;
}

Library::~Library() {
    events_ = {};
    libusb_set_pollfd_notifiers(context_, nullptr, nullptr, nullptr);
    const std::unique_ptr<const libusb_pollfd*, FreePollFds> all(libusb_get_pollfds(context_));
    for (const auto* const* each = all.get(); each != nullptr && *each != nullptr; ++each)
        loop_.unwatch((*each)->fd);
    libusb_exit(context_);
}

Result<> Library::watch_all() {
    const std::unique_ptr<const libusb_pollfd*, FreePollFds> all(libusb_get_pollfds(context_));
    for (const auto* const* each = all.get(); each != nullptr && *each != nullptr; ++each)
        BULKHEAD_TRY(watch((*each)->fd, (*each)->events));
    // Its timers are one of those fds wherever the kernel has timerfd.
    if (libusb_pollfds_handle_timeouts(context_) == 0)
        return fail(Code::unsupported, "libusb has no timer that could be waited for");
    libusb_set_pollfd_notifiers(context_, &Library::added, &Library::removed, this);
    return {};
}

Result<> Library::watch(int fd, short events) {
    const std::uint32_t wanted = ((events & POLLIN) != 0 ? std::uint32_t{EPOLLIN} : 0U) |
                                 ((events & POLLOUT) != 0 ? std::uint32_t{EPOLLOUT} : 0U);
    return loop_.watch(fd, wanted, [this](std::uint32_t) { work(); });
}

void Library::work() {
    timeval none{};
    if (const int done = libusb_handle_events_timeout_completed(context_, &none, nullptr); done != 0)
        log::warning("libusb", {{"error", libusb_strerror(done)}});
    if (events_.worked) events_.worked();
}

void Library::added(int fd, short events, void* self) {
    if (const auto watched = static_cast<Library*>(self)->watch(fd, events); !watched)
        log::error(watched.error().text());
}

// While a handle is closed, too: whoever closes it knows.
void Library::removed(int fd, void* self) {
    auto& library = *static_cast<Library*>(self);
    library.loop_.unwatch(fd);
    if (library.events_.broken) library.events_.broken(fd);
}

Result<libusb_device_handle*> Library::wrap(int node) const {
    libusb_device_handle* handle = nullptr;
    if (const int done = libusb_wrap_sys_device(context_, node, &handle); done != 0)
        return std::unexpected(library_error(done, "libusb can't work the device"));
    return handle;
}

}  // namespace bulkhead::passthrough::usb
