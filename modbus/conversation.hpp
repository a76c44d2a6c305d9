// One client and its server over TCP, with a guard between them: one request at a time goes on, if it may,
// and one answer comes back, if it is that request's. Holds one message of each, whatever is sent: what more
// there is waits with its sender. Knows no sockets.
#pragma once

#include <cstddef>
#include <span>

#include "modbus/guard.hpp"
#include "modbus/mbap.hpp"

namespace bulkhead::modbus {

class Conversation {
  public:
    // Of a request, from its first byte; of either end to take what is for it.
    static constexpr std::chrono::seconds time_to_say{5};
    // Of a server, which may be a gateway to slow lines.
    static constexpr std::chrono::seconds time_to_answer{30};
    // Without a request.
    static constexpr std::chrono::minutes time_to_idle{10};

    // `guard` outlives it.
    Conversation(Guard& guard, Moment now) : guard_(guard), since_(now) {}

    // Where what the client says next belongs; empty while it is not its turn. Likewise of the server.
    std::span<std::byte> room_for_client() { return turn_ == Turn::asking ? request_.room() : none(); }
    std::span<std::byte> room_for_server() { return turn_ == Turn::waiting ? answer_.room() : none(); }
    void client_said(std::size_t bytes, Moment now);
    void server_said(std::size_t bytes, Moment now);
    // There is something to read of a server that was asked nothing.
    void server_spoke_unasked();

    // What is to be sent, and how much of it was.
    std::span<const std::byte> for_client() const;
    std::span<const std::byte> for_server() const;
    void client_took(std::size_t bytes, Moment now);
    void server_took(std::size_t bytes, Moment now);

    // What is the matter now may last until then; past() says that it has.
    Moment deadline() const;
    void past();

    // Nothing more may be said: both connections are to end.
    bool is_over() const { return turn_ == Turn::over; }

  private:
    enum class Turn {
        asking,     // the client says a request
        passing,    // it goes to the server
        waiting,    // the server says its answer
        answering,  // an answer goes to the client: the server's, or a refusal
        over,
    };
    static std::span<std::byte> none() { return {}; }
    void turn_to(Turn turn, Moment now);
    void end_broken(const char* why);
    void judge(Moment now);
    bool is_answer() const;

    Guard& guard_;
    Turn turn_ = Turn::asking;
    Moment since_;          // of its turn, or of a request's first byte
    std::size_t sent_ = 0;  // of what goes to one of them
    Adu request_;
    Adu answer_;
};

}  // namespace bulkhead::modbus
