// Several clients at one Modbus RTU line, without a line or a socket: whole requests, one of each client at a
// time, in turns; each has a deadline; the answer goes to who asked alone.
//
// A request that nobody answers in time is answered with nothing, as on a line of the client's own: masters
// of RTU count silence as a device that is not there, and would take exception 11, which is of gateways
// (MODBUS Application Protocol V1.1b3, 7), for a word of a device that lives. A client that asks anew has
// given up what it asked before, as it must have by then.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "model/serial_line.hpp"
#include "passthrough/modbus/request_frames.hpp"
#include "passthrough/turn_counts.hpp"

namespace bulkhead::passthrough::modbus {

class Turns {
  public:
    using Moment = std::chrono::steady_clock::time_point;
    using Duration = std::chrono::steady_clock::duration;
    using Client = unsigned;

    struct Events {
        std::function<void(std::span<const std::byte>)> to_line;  // a whole request
        std::function<void(Client, std::span<const std::byte>)> to_client;
        // Nobody answered: what the line still holds of the request, or for nobody, is to be forgotten.
        std::function<void()> timed_out;
    };

    // A line that says nothing of turns has the usual ones.
    Turns(const model::SerialLine& line, Events events);

    void join(Client client) { clients_.try_emplace(client); }
    // What it asked is forgotten; the line is free when the answer is in, or overdue.
    void leave(Client client);
    // The same without leaving: another one, or the same one anew, stands there.
    void forget(Client client);
    // The line is another one, or the same one anew: whatever was asked is forgotten.
    void forget_all();

    // From clients that have joined; others are ignored.
    void from_client(Client client, std::span<const std::byte> bytes, Moment now);
    void from_line(std::span<const std::byte> bytes, Moment now);
    // To be called at next() or later.
    void tick(Moment now);
    // When there is something to do without bytes; nothing: never.
    std::optional<Moment> next() const;

    const TurnCounts& counts(Client client) const { return clients_.at(client).counts; }
    bool is_waiting(Client client) const { return !clients_.at(client).waiting.empty(); }
    // That the line said when nobody asked, or that were no answer.
    std::uint64_t stray_bytes() const { return stray_bytes_; }
    // For as long a request may keep the line: what is the bound of everybody's wait for one other.
    Duration longest_turn() const;

  private:
    struct Asker {
        RequestFrames frames;
        Moment heard;                    // its latest byte
        std::vector<std::byte> waiting;  // its whole request
        Moment since;                    // when that was whole
        TurnCounts counts;
    };
    struct Asked {
        std::optional<Client> by;  // nothing: who asked has gone, or asked anew
        std::vector<std::byte> request;
        Moment deadline;       // until something of an answer is heard; of a broadcast, until it is over
        Moment end;            // whatever is heard
        std::size_t echo = 0;  // bytes of our own that the line will say first
    };

    void take(Client client, Asker& asker, const RequestFrames::Ended& ended, Moment now);
    static void end_wait(Asker& asker, Moment now);
    void give_turn(Moment now);
    void ask(Client client, Asker& asker, Moment now);
    void hear(std::span<const std::byte> bytes, Moment now);
    // Whether what is heard so far is the answer.
    bool is_answer(std::span<const std::byte> frame) const;
    void settle(bool answered, Moment now);
    void lose_heard();
    bool is_broadcast() const { return asked_->request.front() == std::byte{0}; }
    Duration time_of(std::size_t characters) const;

    const model::SerialLine line_;
    const Duration answer_within_;
    const Events events_;
    std::map<Client, Asker> clients_;
    Client last_ = 0;               // that had its turn
    std::unique_ptr<Asked> asked_;  // null: the line is free
    std::vector<std::byte> heard_;
    Moment heard_last_;
    Moment free_;  // when the silence after the last frame is over
    std::uint64_t stray_bytes_ = 0;
};

}  // namespace bulkhead::passthrough::modbus
