// libusb on our loop, without its own look at the buses: it works the one device whose open node it is given.
#pragma once

#include <libusb.h>

#include <functional>
#include <memory>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/loop.hpp"

namespace bulkhead::passthrough::usb {

// Null, or a code of libusb's in words.
Error library_error(int code, const char* what);

class Library {
  public:
    struct Events {
        std::function<void()> worked;          // transfers may have ended
        std::function<void(int node)> broken;  // libusb gave up on the device of that node: it is gone
    };

    // Opens no device. Before confinement, and before any guest.
    static Result<std::unique_ptr<Library>> open(Loop& loop);
    ~Library();
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    void on(Events events) { events_ = std::move(events); }
    libusb_context* context() const { return context_; }
    // `node` stays open for as long as the handle is, and is its giver's to close.
    Result<libusb_device_handle*> wrap(int node) const;

  private:
    Library(Loop& loop, libusb_context* context) : loop_(loop), context_(context) {}
    Result<> watch_all();
    Result<> watch(int fd, short events);
    void work();
    static void added(int fd, short events, void* self);
    static void removed(int fd, void* self);

    Loop& loop_;
    libusb_context* context_;
    Events events_;
};

}  // namespace bulkhead::passthrough::usb
