// One device and one guest, and the usbredir protocol between them (usbredirhost). The device is held while
// there is no guest, and the guest stays connected while there is no device.
#pragma once

#include <usbredirhost.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/loop.hpp"
#include "passthrough/usb/library.hpp"

namespace bulkhead::passthrough::usb {

class Redirection {
  public:
    // All from the loop, never from within a call of ours.
    struct Events {
        // Nothing is held any more: it was pulled out, it broke, or the guest will not have it.
        std::function<void(std::string reason)> device_lost;
        // The guest has left, or has it no more, and the kernel has its device back for a moment:
        // usbredirhost gives it back with its guest. Whoever wants to hold it takes it again.
        std::function<void()> device_let_go;
        std::function<void()> guest_left;
    };

    Redirection(Loop& loop, Library& library, Events events);
    ~Redirection();
    Redirection(const Redirection&) = delete;
    Redirection& operator=(const Redirection&) = delete;

    // Takes the device from the kernel's driver, and hands it to the guest if there is one.
    Result<> give(Fd node);
    // Takes it from the guest, and gives it back to the kernel as far as it is there.
    void take();

    // Whether the guest has no device, whatever is plugged in; it is held all the same.
    void withhold(bool withhold);

    // A non-blocking socket that stays open until leave().
    Result<> join(int fd);
    void leave();

    std::uint64_t to_device_bytes() const { return from_guest_; }
    std::uint64_t to_guest_bytes() const { return to_guest_; }

  private:
    struct CloseHost {
        void operator()(usbredirhost* host) const { usbredirhost_close(host); }
    };

    Result<> hold() const;
    void let_go();
    void let_go_soon();
    Result<> hand_over();
    void on_guest();
    void flush();
    void lose_device(std::string reason);
    void lose_guest();
    static int read(void* self, std::uint8_t* data, int count);
    static int write(void* self, std::uint8_t* data, int count);
    static void tell(void* self, int level, const char* text);

    Loop& loop_;
    Library& library_;
    Events events_;
    Fd node_;
    libusb_device_handle* held_ = nullptr;  // ours while no guest has it, usbredirhost's then
    bool guest_has_it_ = false;
    bool withheld_ = false;
    std::unique_ptr<usbredirhost, CloseHost> host_;
    int guest_ = -1;
    std::uint32_t interest_ = 0;
    unsigned told_ = 0;          // lines of log since the guest joined: it can provoke them
    bool losing_guest_ = false;  // that is posted already
    std::uint64_t from_guest_ = 0;
    std::uint64_t to_guest_ = 0;
    // Posted calls look whether this is still there.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace bulkhead::passthrough::usb
