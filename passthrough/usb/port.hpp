// Keeps whatever is plugged in at one USB port open. It looks when the kernel or udev say that something came
// or went, and asks nobody else: what is there is found in sysfs. A device that is there and can't be had is
// tried again by a timer that backs off.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/loop.hpp"
#include "model/resources.hpp"
#include "passthrough/inventory/inventory.hpp"
#include "passthrough/inventory/uevents.hpp"

namespace bulkhead::passthrough::usb {

class Port {
  public:
    struct Events {
        std::function<void(Fd node)> opened;  // found() says what it is
        std::function<void()> gone;           // the device that was opened last
        std::function<void()> failed;         // error() is another one now
    };

    Port(Loop& loop, const model::Assignment& assignment, inventory::Tree tree, Events events);
    ~Port();
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    // Before confinement: listens to the kernel. Looks for the first time.
    Result<> start();
    // Whoever had the node could not keep it, or gave it up.
    void lost(const std::string& reason);
    // Opens it again, without a wait.
    void again();

    bool present() const { return !node_.empty(); }
    const std::string& error() const { return error_; }
    // Of what was opened last: 0403:6001 FTDI FT232R, number A50285BI.
    const std::string& found() const { return found_; }

  private:
    // What the kernel calls the device that is there now: /dev/bus/usb/001/004. Another one after each
    // replug.
    std::string node() const;
    void look();
    void attempt();
    Result<Fd> open_what_is_there(const std::string& node);
    void fail_with(const std::string& error);
    void later();

    Loop& loop_;
    std::string at_;
    model::DeviceName device_;
    model::PartitionName partition_;
    model::UsbIdentity expect_;
    inventory::Tree tree_;
    Events events_;
    inventory::Uevents uevents_;
    std::string node_;  // of the device that is open; empty: none is
    std::string error_;
    std::string found_;
    std::chrono::milliseconds pause_;
    Loop::TimerId timer_ = 0;
};

}  // namespace bulkhead::passthrough::usb
