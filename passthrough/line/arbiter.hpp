// Gives several partitions their turns at one line: owns its tty, and a terminal for each of their devices.
#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/helper_control.hpp"
#include "base/loop.hpp"
#include "passthrough/line/options.hpp"
#include "passthrough/line/terminal.hpp"
#include "passthrough/line_state.hpp"
#include "passthrough/modbus/turns.hpp"
#include "passthrough/serial/tty_port.hpp"

namespace bulkhead::passthrough::line {

class Arbiter {
  public:
    // Serves when this returns: its control socket is in place. The tty may be absent.
    static Result<std::unique_ptr<Arbiter>> open(Loop& loop, const Options& options);
    ~Arbiter();
    Arbiter(const Arbiter&) = delete;
    Arbiter& operator=(const Arbiter&) = delete;

  private:
    using Clock = std::chrono::steady_clock;
    using Client = modbus::Turns::Client;

    // A device's place at the line. It has a terminal while the line is there.
    struct Seat {
        Client client = 0;
        std::unique_ptr<Terminal> terminal;
        Clock::time_point spoken_until;  // what it said, at the speed of the line
        Loop::TimerId deaf = 0;
    };

    Arbiter(Loop& loop, Options options);
    Result<> start();

    void on_request(std::string_view request);
    void join(const model::DeviceName& device);
    void leave(const model::DeviceName& device);

    void on_tty_opened(int fd);
    void on_tty_closing();
    void on_tty_failed();
    void on_line(std::uint32_t events);
    void send(std::span<const std::byte> request);
    void go_on_sending();
    void lose_line(const std::string& reason);

    void give_terminal(const model::DeviceName& device, Seat& seat);
    void take_terminal(Seat& seat);
    void on_terminal(const model::DeviceName& device, std::uint32_t events);
    void pace(const model::DeviceName& device, Seat& seat, std::size_t count);
    void answer(Client client, std::span<const std::byte> bytes);

    void tick();
    void wait_for_next();
    void tell_why(const std::string& why) const;
    void forget_why() const;
    LineState state() const;

    Loop& loop_;
    const Options options_;
    modbus::Turns turns_;
    serial::TtyPort tty_;
    int line_fd_ = -1;                // of the tty, while it is open
    std::vector<std::byte> to_send_;  // what the tty has not taken yet of one request
    std::map<model::DeviceName, Seat> seats_;
    Client next_client_ = 1;
    Loop::TimerId timer_ = 0;
    HelperControl control_;
};

}  // namespace bulkhead::passthrough::line
