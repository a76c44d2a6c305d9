#include "passthrough/usb/owner.hpp"

#include <unistd.h>

#include <chrono>
#include <utility>

#include "base/log.hpp"

namespace bulkhead::passthrough::usb {

Result<std::unique_ptr<Owner>> Owner::open(Loop& loop, const OwnerOptions& options) {
    BULKHEAD_TRY_ASSIGN(Fence fence, Fence::acquire(Fence::path_of(options.control), options.assignment,
                                                    std::chrono::seconds(10)));
    BULKHEAD_TRY_ASSIGN(auto library, Library::open(loop));
    std::unique_ptr<Owner> owner(new Owner(loop, options, std::move(fence), std::move(library)));
    BULKHEAD_TRY(owner->start());
    return owner;
}

Owner::Owner(Loop& loop, OwnerOptions options, Fence fence, std::unique_ptr<Library> library)
    : loop_(loop),
      options_(std::move(options)),
      fence_(std::move(fence)),
      library_(std::move(library)),
      redirection_(loop, *library_,
                   {[this](const std::string& reason) { port_.lost(reason); }, [this] { port_.again(); },
                    [this] { guest_.lost(); }}),
      port_(loop, options_.assignment, inventory::Tree(),
            {[this](Fd node) { on_opened(std::move(node)); }, [this] { redirection_.take(); },
             [this] { on_failed(); }}),
      guest_(loop, {[this](int fd) { on_guest_joined(fd); },
                    [this] {
                        redirection_.leave();
                        log::info("the guest left");
                        loop_.post([this] { control_.publish(); });
                    }}),
      control_(loop, {[this] { return encode(state()); },
                      [this](std::string_view request) { on_request(request); }}),
      gate_(first_gate(options_.assignment.terms)) {
    redirection_.withhold(gate_ != Gate::open);
}

// What it hears from a USB device a guest has asked for: receiving alone is nothing here, and closed.
void Owner::on_request(std::string_view request) {
    if (const auto gate = gate_request(request)) {
        if (options_.assignment.terms.trusted) gate_ = *gate;
        log::info("asked for a gate", {{"gate", std::string(to_string(*gate))}});
        redirection_.withhold(gate_ != Gate::open);
        // Not from within the control socket's own call.
        loop_.post([this] { control_.publish(); });
    }
    if (!is_stop_request(request)) return;
    log::info("asked to stop");
    loop_.stop();
}

// The guest first, so that it sees the device leave with its line and not a device that fails.
Owner::~Owner() {
    guest_.lost();
    redirection_.take();
}

Result<> Owner::start() {
    BULKHEAD_TRY(port_.start());
    BULKHEAD_TRY(guest_.open(options_.socket, user_of(options_.socket_user)));
    // Last: who sees the control socket may rely on all the rest.
    return control_.open(options_.control);
}

void Owner::on_opened(Fd node) {
    const auto& found = port_.found();
    if (auto given = redirection_.give(std::move(node)); !given) {
        // Not from within Port's own call.
        loop_.post([this, text = given.error().text()] { port_.lost(text); });
        return;
    }
    if (last_.empty() || last_ == found)
        log::info("the device is held", {{"at", options_.assignment.at}, {"device", found}});
    else
        log::warning("another device is plugged in, and is given by its place",
                     {{"at", options_.assignment.at}, {"device", found}, {"before", last_}});
    last_ = found;
    control_.publish();
}

void Owner::on_failed() {
    log::warning("the device is not held", {{"error", port_.error()}});
    control_.publish();
}

void Owner::on_guest_joined(int fd) {
    log::info("the guest is connected");
    if (const auto joined = redirection_.join(fd); !joined) {
        log::error(joined.error().text());
        loop_.post([this] { guest_.lost(); });
        return;
    }
    control_.publish();
}

OwnerState Owner::state() const {
    return {options_.assignment,
            port_.present(),
            guest_.connected(),
            redirection_.to_device_bytes(),
            redirection_.to_guest_bytes(),
            port_.error(),
            ::getpid(),
            {},
            port_.found(),
            {},
            {},
            gate_};
}

}  // namespace bulkhead::passthrough::usb
