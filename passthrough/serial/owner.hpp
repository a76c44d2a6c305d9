// The owner of one line: fence, terminal, guest and control socket put together.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/helper_control.hpp"
#include "base/loop.hpp"
#include "passthrough/fence.hpp"
#include "passthrough/guest_port.hpp"
#include "passthrough/owner_options.hpp"
#include "passthrough/owner_state.hpp"
#include "passthrough/serial/line_test.hpp"
#include "passthrough/serial/pump.hpp"
#include "passthrough/serial/tty_port.hpp"

namespace bulkhead::passthrough::serial {

class Owner {
  public:
    // Serves when this returns: both sockets are in place. The terminal may be absent.
    static Result<std::unique_ptr<Owner>> open(Loop& loop, const OwnerOptions& options);

  private:
    Owner(Loop& loop, OwnerOptions options, Fence fence);
    Result<> start();
    void on_tty_opened(int fd);
    void on_tty_failed();
    void on_tty_closing();
    void on_guest_joined(int fd);
    void on_request(std::string_view request);
    void set_gate(Gate gate);
    void test_line(const LineTestOrder& order);
    // Why the line can't be tested now; empty: it can.
    std::string why_no_test() const;
    void end_test(const LineTestResult& result);
    void tell_test(const LineTestResult& result);
    OwnerState state() const;

    Loop& loop_;
    OwnerOptions options_;
    Fence fence_;
    Pump pump_;
    TtyPort tty_;
    int line_fd_ = -1;                // of the terminal, while it is open
    Gate gate_;                       // closed: the pump has not got the line, which stays held
    std::unique_ptr<LineTest> test_;  // while one runs the pump has not got the line
    std::optional<LineTestResult> last_test_;
    GuestPort guest_;
    HelperControl control_;
};

}  // namespace bulkhead::passthrough::serial
