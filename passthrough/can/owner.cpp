#include "passthrough/can/owner.hpp"

#include <unistd.h>

#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "base/units.hpp"

namespace bulkhead::passthrough::can {
namespace {

// The least that the kernel has: room for a handful of frames, less than an interface's own queue of ten.
constexpr int own_share = 2304;  // bytes
// A bus that is ill changes its state a thousand times a second.
constexpr std::chrono::milliseconds between_states{100};

const model::CanGuard& guard_of(const OwnerOptions& options) {
    return std::get<model::CanBus>(options.assignment.rules).guard;
}

// The guest's interface is named by its folder in sysfs.
Result<Fd> open_guest(const OwnerOptions& options) {
    const auto name = options.socket.filename().string();
    const inventory::Tree tree;
    const auto index = parse_number(tree.attribute("sys/class/net/" + name + "/ifindex"), 1, 0x7fff'ffff);
    if (!index) return fail(Code::not_found, "there is no interface for the guest", name);
    BULKHEAD_TRY_ASSIGN(Fd socket, open_can_socket());
    BULKHEAD_TRY(hear_only(socket.get(), model::everything_on_the_bus()));
    BULKHEAD_TRY(bind_to(socket.get(), static_cast<unsigned>(*index)));
    return socket;
}

Result<Fd> open_bus(const OwnerOptions& options) {
    BULKHEAD_TRY_ASSIGN(Fd socket, open_can_socket());
    BULKHEAD_TRY(hear_only(socket.get(), guard_of(options)));
    BULKHEAD_TRY(hear_errors(socket.get()));
    BULKHEAD_TRY(bound_queue(socket.get(), own_share));
    return socket;
}

}  // namespace

Result<std::unique_ptr<Owner>> Owner::open(Loop& loop, const OwnerOptions& options) {
    BULKHEAD_TRY_ASSIGN(Fence fence, Fence::acquire(Fence::path_of(options.control), options.assignment,
                                                    std::chrono::seconds(10)));
    BULKHEAD_TRY_ASSIGN(Fd guest, open_guest(options));
    BULKHEAD_TRY_ASSIGN(Fd bus, open_bus(options));
    std::unique_ptr<Owner> owner(
        new Owner(loop, options, std::move(fence), std::move(guest), std::move(bus)));
    BULKHEAD_TRY(owner->start());
    return owner;
}

Owner::Owner(Loop& loop, OwnerOptions options, Fence fence, Fd guest, Fd bus)
    : loop_(loop),
      options_(std::move(options)),
      fence_(std::move(fence)),
      guest_(std::move(guest)),
      bus_(std::move(bus)),
      pump_(loop, guest_.get(), bus_.get(), guard_of(options_),
            {.bus_down = [this] { port_.look(); }, .state_changed = [this] { publish_soon(); }}),
      port_(loop, options_.assignment.at,
            {.up = [this](unsigned index) { on_bus_up(index); }, .down = [this] { on_bus_down(); }}),
      control_(loop, {[this] { return encode(state()); },
                      [this](std::string_view request) { on_request(request); }}) {
    pump_.set_gate(first_gate(options_.assignment.terms));
}

Owner::~Owner() {
    loop_.cancel(publishing_);
}

Result<> Owner::start() {
    BULKHEAD_TRY(pump_.start());
    BULKHEAD_TRY(port_.start());
    // Last: who sees the control socket may rely on all the rest.
    return control_.open(options_.control);
}

void Owner::on_request(std::string_view request) {
    if (const auto gate = gate_request(request)) {
        log::info("asked for a gate", {{"gate", std::string(to_string(*gate))}});
        if (options_.assignment.terms.trusted) pump_.set_gate(*gate);
        // Not from within the control socket's own call.
        loop_.post([this] { control_.publish(); });
    }
    if (!is_stop_request(request)) return;
    log::info("asked to stop");
    loop_.stop();
}

void Owner::on_bus_up(unsigned index) {
    // The kernel forgets them with the interface that a socket was bound to.
    auto bound = hear_only(bus_.get(), guard_of(options_));
    if (bound) bound = bind_to(bus_.get(), index);
    if (!bound) {
        log::warning("the bus can't be used", {{"error", bound.error().text()}});
        pump_.set_bus_up(false);
    } else {
        log::info("the bus is up", {{"at", options_.assignment.at}, {"interface", port_.interface()}});
        pump_.set_bus_up(true);
    }
    publish_soon();
}

void Owner::on_bus_down() {
    log::warning("the bus is not up", {{"error", port_.error()}});
    pump_.set_bus_up(false);
    publish_soon();
}

void Owner::publish_soon() {
    if (publishing_ != 0) return;
    publishing_ = loop_.after(between_states, [this] {
        publishing_ = 0;
        control_.publish();
    });
}

std::string Owner::error() const {
    if (!port_.error().empty()) return port_.error();
    return pump_.errors().state == BusErrors::State::off ? port_.interface() + " is bus-off" : std::string();
}

OwnerState Owner::state() const {
    OwnerState now{.assignment = options_.assignment, .connected = true};
    now.error = error();
    now.present = now.error.empty();
    now.pid = ::getpid();
    now.gate = pump_.gate();
    now.guard = pump_.guard_counts();
    const auto& counts = pump_.counts();
    const auto& errors = pump_.errors();
    now.bus = BusCounts{.state = std::string(to_string(errors.state)),
                        .to_bus = counts.to_bus,
                        .to_guest = counts.to_guest,
                        .lost_to_bus = counts.lost_to_bus,
                        .lost_to_guest = counts.lost_to_guest,
                        .bus_off = errors.bus_off,
                        .passive = errors.passive,
                        .restarts = errors.restarts,
                        .errors = errors.frames};
    return now;
}

}  // namespace bulkhead::passthrough::can
