#include "passthrough/serial/owner.hpp"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <utility>
#include <variant>

#include "base/file.hpp"
#include "base/log.hpp"
#include "passthrough/line/why.hpp"
#include "passthrough/modbus/rtu.hpp"
#include "passthrough/slcan/guard.hpp"

namespace bulkhead::passthrough::serial {
namespace {

std::unique_ptr<LineGuard> guard_of(const OwnerOptions& options) {
    const auto& rules = options.assignment.rules;
    if (const auto* of_modbus = std::get_if<model::ModbusGuard>(&rules))
        return std::make_unique<modbus::Rtu>(*of_modbus);
    if (const auto* of_slcan = std::get_if<model::SlcanGuard>(&rules))
        return std::make_unique<slcan::Guard>(of_slcan->bus, of_slcan->bitrate);
    return nullptr;
}

// A terminal that stands for a line turns nothing around: whoever has the line does.
model::SerialLine worked_by(const OwnerOptions& options) {
    auto line = options.assignment.line;
    if (!options.through.empty()) line.rs485.reset();
    return line;
}

std::string terminal_of(const OwnerOptions& options) {
    return options.through.empty() ? options.assignment.at : options.through.string();
}

// Why there is no terminal, who gives the turns at the line knows.
TtyPort::Explain explanation_of(const OwnerOptions& options) {
    if (options.through.empty()) return {};
    return [options](const std::string&) {
        const auto why = read_file(line::why_there_is_none(options.through.parent_path()), line::longest_why);
        return why ? *why : options.assignment.at + ": no process gives turns at the line";
    };
}

}  // namespace

Result<std::unique_ptr<Owner>> Owner::open(Loop& loop, const OwnerOptions& options) {
    BULKHEAD_TRY_ASSIGN(Fence fence, Fence::acquire(Fence::path_of(options.control), options.assignment,
                                                    std::chrono::seconds(10)));
    std::unique_ptr<Owner> owner(new Owner(loop, options, std::move(fence)));
    BULKHEAD_TRY(owner->start());
    return owner;
}

Owner::Owner(Loop& loop, OwnerOptions options, Fence fence)
    : loop_(loop),
      options_(std::move(options)),
      fence_(std::move(fence)),
      pump_(loop, options_.assignment.line, guard_of(options_),
            {[this](const std::string& reason) { tty_.lost(reason); }, [this] { guest_.lost(); }}),
      tty_(loop, terminal_of(options_), worked_by(options_),
           {[this](int fd) { on_tty_opened(fd); }, [this] { on_tty_closing(); }, [this] { on_tty_failed(); }},
           explanation_of(options_)),
      gate_(first_gate(options_.assignment.terms)),
      guest_(loop, {[this](int fd) { on_guest_joined(fd); },
                    [this] {
                        pump_.detach_guest();
                        log::info("the guest left");
                        loop_.post([this] { control_.publish(); });
                    }}),
      control_(loop, {[this] { return encode(state()); },
                      [this](std::string_view request) { on_request(request); }}) {
}

void Owner::on_request(std::string_view request) {
    if (const auto order = test_request(request)) test_line(*order);
    if (const auto gate = gate_request(request)) set_gate(*gate);
    if (!is_stop_request(request)) return;
    log::info("asked to stop");
    loop_.stop();
}

void Owner::set_gate(Gate gate) {
    if (options_.assignment.terms.trusted && gate != gate_) {
        log::info("the gate changes", {{"gate", std::string(to_string(gate))}});
        const bool opens = gate_ == Gate::closed;
        gate_ = gate;
        pump_.set_receive_only(gate == Gate::receive_only);
        if (gate == Gate::closed && !test_) pump_.detach_device();
        // What the line said meanwhile was for nobody.
        if (opens && line_fd_ >= 0) ::tcflush(line_fd_, TCIFLUSH);
        if (opens && line_fd_ >= 0 && !test_) on_tty_opened(line_fd_);
    }
    // Not from within the control socket's own call.
    loop_.post([this] { control_.publish(); });
}

// A guest that is connected may speak at any time, and would hear the pattern as its device's answer.
std::string Owner::why_no_test() const {
    if (!options_.through.empty()) return "several partitions have the line, and would hear the pattern";
    if (guest_.connected()) return "a virtual machine has the line";
    if (test_) return "a test runs already";
    if (line_fd_ >= 0) return {};
    return tty_.error().empty() ? "the line is not open" : tty_.error();
}

void Owner::test_line(const LineTestOrder& order) {
    if (auto why = why_no_test(); !why.empty())
        return tell_test({.number = order.number, .refused = std::move(why)});
    pump_.detach_device();
    test_ = std::make_unique<LineTest>(loop_, line_fd_, options_.assignment.line, order,
                                       [this](const LineTestResult& result) { end_test(result); });
    if (const auto started = test_->start(); !started)
        end_test({.number = order.number, .refused = started.error().text()});
}

void Owner::end_test(const LineTestResult& result) {
    const bool had_the_line = test_ && test_->number() == result.number;
    if (had_the_line) test_.reset();
    if (had_the_line && line_fd_ >= 0) on_tty_opened(line_fd_);
    tell_test(result);
}

// Not from within the control socket's own call; and each one by itself, whatever ends meanwhile.
void Owner::tell_test(const LineTestResult& result) {
    loop_.post([this, result] {
        last_test_ = result;
        control_.publish();
    });
}

void Owner::on_tty_closing() {
    line_fd_ = -1;
    if (!test_) return pump_.detach_device();
    tell_test({.number = test_->number(), .refused = "the device went away"});
    test_.reset();
}

Result<> Owner::start() {
    BULKHEAD_TRY(tty_.start());
    BULKHEAD_TRY(guest_.open(options_.socket, user_of(options_.socket_user)));
    // Last: who sees the control socket may rely on all the rest.
    return control_.open(options_.control);
}

void Owner::on_tty_opened(int fd) {
    log::info("the line is open", {{"at", options_.assignment.at}});
    line_fd_ = fd;
    // open_tty leaves this mark off pseudo-terminals, where it may outlive us. This one does not: it is made
    // anew when we end.
    if (!options_.through.empty() && ::ioctl(fd, TIOCEXCL) != 0)
        return loop_.post([this] { tty_.lost("can't have the line alone"); });
    if (gate_ == Gate::closed) return control_.publish();
    if (const auto attached = pump_.attach_device(fd); !attached) {
        // Not from within TtyPort's own call.
        loop_.post([this, text = attached.error().text()] { tty_.lost(text); });
        return;
    }
    control_.publish();
}

void Owner::on_tty_failed() {
    log::warning("the line is not open", {{"error", tty_.error()}});
    control_.publish();
}

void Owner::on_guest_joined(int fd) {
    log::info("the guest is connected");
    if (const auto attached = pump_.attach_guest(fd); !attached) {
        log::error(attached.error().text());
        loop_.post([this] { guest_.lost(); });
        return;
    }
    control_.publish();
}

OwnerState Owner::state() const {
    OwnerState now{options_.assignment,    tty_.present(), guest_.connected(), pump_.to_device_bytes(),
                   pump_.to_guest_bytes(), tty_.error(),   ::getpid(),         {}};
    if (const auto* counts = pump_.guard_counts()) now.guard = *counts;
    now.test = last_test_;
    now.gate = gate_;
    return now;
}

}  // namespace bulkhead::passthrough::serial
