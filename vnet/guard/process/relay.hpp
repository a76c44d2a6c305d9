// One client's connection and the one to its server, and the conversation between them.
#pragma once

#include <functional>
#include <optional>

#include "base/fd.hpp"
#include "base/loop.hpp"
#include "modbus/conversation.hpp"

namespace bulkhead::vnet::guard {

class Relay {
  public:
    // `server` may not stand yet. `guard` outlives this. `over` is called once, on the loop, after which this
    // does nothing more.
    Relay(Loop& loop, Fd client, Fd server, bulkhead::modbus::Guard& guard, std::function<void()> over);
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    Result<> begin();

  private:
    using Moment = bulkhead::modbus::Moment;
    void on_client(std::uint32_t events);
    void on_server(std::uint32_t events);
    bool has_connected();
    // All that can be done now, and what the loop is to wait for.
    void go_on();
    bool move(Moment now);
    bool send_on(Moment now);
    bool hear_client(Moment now);
    bool hear_server(Moment now);
    void wait_for_more();
    void wait_until(Moment deadline);
    void on_time();
    // `well`: it is no end that anybody need be told of.
    void end(bool well);

    Loop& loop_;
    Fd client_;
    Fd server_;
    bulkhead::modbus::Conversation talk_;
    std::function<void()> over_;
    bool connected_ = false;
    bool server_left_ = false;
    bool ended_ = false;
    Loop::TimerId timer_ = 0;
    std::optional<Moment> armed_;  // when the timer comes
};

}  // namespace bulkhead::vnet::guard
