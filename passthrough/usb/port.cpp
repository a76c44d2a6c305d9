#include "passthrough/usb/port.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>

#include "base/file.hpp"
#include "base/units.hpp"
#include "passthrough/inventory/obstacles.hpp"

namespace bulkhead::passthrough::usb {
namespace {

using namespace std::chrono_literals;
constexpr std::chrono::milliseconds shortest_pause = 500ms;
constexpr std::chrono::milliseconds longest_pause = 8s;
// Devices of a bus, and buses (drivers/usb/core): three digits each.
constexpr std::uint64_t most = 999;

std::string three_digits(std::uint64_t number) {
    const auto digits = std::to_string(number);
    return std::string(3 - digits.size(), '0') + digits;
}

std::string said_by(const inventory::Device& device) {
    return device.vendor_id + ":" + device.product_id + " " + device.title +
           (device.serial_number.empty() ? "" : ", number " + device.serial_number);
}

}  // namespace

Port::Port(Loop& loop, const model::Assignment& assignment, inventory::Tree tree, Events events)
    : loop_(loop),
      at_(assignment.at),
      device_(assignment.device),
      partition_(assignment.partition),
      expect_(assignment.expect),
      tree_(std::move(tree)),
      events_(std::move(events)),
      uevents_(loop, [this] { look(); }),
      pause_(shortest_pause) {
}

Port::~Port() {
    loop_.cancel(timer_);
}

Result<> Port::start() {
    BULKHEAD_TRY(uevents_.open());
    look();
    return {};
}

std::string Port::node() const {
    const auto folder = "sys/bus/usb/devices/" + at_;
    const auto bus = parse_number(tree_.attribute(folder + "/busnum"), 1, most);
    const auto number = parse_number(tree_.attribute(folder + "/devnum"), 1, most);
    return bus && number ? "dev/bus/usb/" + three_digits(*bus) + "/" + three_digits(*number) : std::string();
}

void Port::look() {
    const auto now = node();
    if (!node_.empty() && now == node_) return;
    if (!node_.empty()) {
        node_.clear();
        events_.gone();
    }
    pause_ = shortest_pause;
    attempt();
}

void Port::attempt() {
    loop_.cancel(timer_);
    const auto now = node();
    if (now.empty()) return fail_with("nothing is plugged in at " + at_);
    auto opened = open_what_is_there(now);
    if (!opened) {
        // What it is does not change while it is there; who uses it does.
        if (opened.error().code != Code::invalid) later();
        return fail_with(opened.error().text());
    }
    node_ = now;
    error_.clear();
    events_.opened(std::move(*opened));
}

Result<Fd> Port::open_what_is_there(const std::string& node) {
    const auto buses = inventory::look(tree_);
    const auto* device = buses.find("usb:" + at_);
    if (device == nullptr) return fail(Code::unavailable, "nothing is plugged in at " + at_);
    if (device->board)
        return fail(Code::invalid, "a hub is plugged in at " + at_, {}, "a device", "name a port of the hub");
    const model::UsbIdentity identity{device->vendor_id, device->product_id};
    if (!expect_.any() && identity != expect_)
        return fail(Code::invalid, "what is plugged in at " + at_ + " is " + said_by(*device), {},
                    to_string(expect_), "plug in the right one, or mend expect in the spec");
    inventory::Claims claims;
    claims.owners.emplace(device->id, inventory::Claims::Owner{device_, partition_});
    if (const auto found = inventory::obstacles(buses, claims, *device); !found.empty())
        return fail(Code::refused, at_ + " " + found.front().why, {}, {}, found.front().mend);
    BULKHEAD_TRY_ASSIGN(Fd fd, open_file(tree_.root() / node, O_RDWR | O_CLOEXEC));
    struct stat opened{};
    const auto numbers = tree_.attribute("sys/bus/usb/devices/" + at_ + "/dev");
    if (::fstat(fd.get(), &opened) != 0 || !S_ISCHR(opened.st_mode) ||
        std::to_string(major(opened.st_rdev)) + ":" + std::to_string(minor(opened.st_rdev)) != numbers)
        return fail(Code::unavailable, "changed while it was opened", at_);
    found_ = said_by(*device);
    return fd;
}

void Port::lost(const std::string& reason) {
    if (node_.empty()) return;
    node_.clear();
    events_.gone();
    later();
    fail_with(reason);
}

void Port::again() {
    node_.clear();
    pause_ = shortest_pause;
    attempt();
}

void Port::later() {
    loop_.cancel(timer_);
    timer_ = loop_.after(pause_, [this] { attempt(); });
    pause_ = std::min(pause_ * 2, longest_pause);
}

void Port::fail_with(const std::string& error) {
    if (error_ == error) return;
    error_ = error;
    events_.failed();
}

}  // namespace bulkhead::passthrough::usb
