#include "passthrough/modbus/turns.hpp"

#include <algorithm>
#include <utility>

#include "passthrough/modbus/crc.hpp"

namespace bulkhead::passthrough::modbus {
namespace {

using namespace std::chrono_literals;
using bulkhead::modbus::exception_bit;

// MODBUS over Serial Line V1.02, 2.4.1: what every server needs to act on a broadcast.
constexpr auto turnaround = 100ms;
// 2.5.1.1 there: above 19200 bit/s the silence is no shorter.
constexpr auto least_silence = 1750us;

constexpr std::size_t bits_per_character(const model::SerialLine& line) {
    return 1U + line.data_bits + (line.parity == 'N' ? 0U : 1U) + line.stop_bits;
}

// Bytes of an answer's PDU by what there is of it (MODBUS Application Protocol V1.1b3, 6). 0: silence tells.
std::size_t answer_length(std::span<const std::byte> pdu) {
    const auto function = std::to_integer<unsigned>(pdu[0]);
    if ((function & 0x80U) != 0) return 2;
    switch (function) {
        case 5:
        case 6:
        case 15:
        case 16:
            return 5;
        case 22:
            return 7;
        case 1:
        case 2:
        case 3:
        case 4:
        case 23:
            return pdu.size() < 2 ? 0 : 2 + std::to_integer<std::size_t>(pdu[1]);
        default:
            return 0;
    }
}

// Of reads the request says how long an answer is: another length is another request's answer.
std::optional<std::size_t> bytes_asked_for(std::span<const std::byte> request) {
    const auto function = std::to_integer<unsigned>(request[1]);
    const bool bits = function == 1 || function == 2;
    if (!bits && function != 3 && function != 4 && function != 23) return std::nullopt;
    const auto count =
        std::to_integer<std::size_t>(request[4]) * 256 + std::to_integer<std::size_t>(request[5]);
    return bits ? (count + 7) / 8 : 2 * count;
}

}  // namespace

Turns::Turns(const model::SerialLine& line, Events events)
    : line_(line),
      answer_within_(line.turns.value_or(model::Turns{}).answer_within),
      events_(std::move(events)) {
}

Turns::Duration Turns::time_of(std::size_t characters) const {
    return std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(
        characters * bits_per_character(line_) * 1'000'000'000 / line_.bits_per_second));
}

Turns::Duration Turns::longest_turn() const {
    return time_of(longest_frame) + answer_within_ + time_of(longest_frame) + frame_silence +
           std::max<Duration>(least_silence, time_of(7) / 2);
}

void Turns::leave(Client client) {
    forget(client);
    clients_.erase(client);
}

void Turns::forget(Client client) {
    if (const auto found = clients_.find(client); found != clients_.end()) {
        found->second.frames.forget();
        found->second.waiting.clear();
    }
    if (asked_ && asked_->by == client) asked_->by.reset();
}

void Turns::forget_all() {
    for (const auto& [client, asker] : clients_) forget(client);
    asked_.reset();
    heard_.clear();
}

// A client that begins to ask anew has given up what it asked before: so never more than one request of it is
// held.
void Turns::from_client(Client client, std::span<const std::byte> bytes, Moment now) {
    const auto found = clients_.find(client);
    if (found == clients_.end()) return;
    auto& asker = found->second;
    if (asker.frames.waits_for_silence() && now - asker.heard >= frame_silence)
        if (const auto ended = asker.frames.on_silence()) take(client, asker, *ended, now);
    asker.heard = now;
    while (!bytes.empty()) {
        if (!asker.waiting.empty()) {
            ++asker.counts.given_up;
            end_wait(asker, now);
            asker.waiting.clear();
        }
        if (const auto ended = asker.frames.next(bytes)) take(client, asker, *ended, now);
    }
    tick(now);
}

void Turns::take(Client client, Asker& asker, const RequestFrames::Ended& ended, Moment now) {
    if (ended.frame.empty()) {
        ++asker.counts.broken;
        return;
    }
    if (asked_ && asked_->by == client) {
        ++asker.counts.given_up;
        asked_->by.reset();
    }
    asker.waiting.assign(ended.frame.begin(), ended.frame.end());
    asker.since = now;
}

void Turns::end_wait(Asker& asker, Moment now) {
    const auto wait = std::chrono::duration_cast<std::chrono::microseconds>(now - asker.since);
    asker.counts.waited_for += wait;
    asker.counts.longest_wait = std::max(asker.counts.longest_wait, wait);
}

void Turns::give_turn(Moment now) {
    if (asked_ || now < free_ || clients_.empty()) return;
    auto next = clients_.upper_bound(last_);
    for (std::size_t i = 0; i < clients_.size(); ++i, ++next) {
        if (next == clients_.end()) next = clients_.begin();
        if (next->second.waiting.empty()) continue;
        return ask(next->first, next->second, now);
    }
}

void Turns::ask(Client client, Asker& asker, Moment now) {
    last_ = client;
    ++asker.counts.turns;
    if (now > asker.since) ++asker.counts.waited;
    end_wait(asker, now);
    asked_ = std::make_unique<Asked>(Asked{.by = client, .request = std::exchange(asker.waiting, {})});
    const auto sent = now + time_of(asked_->request.size());
    asked_->deadline = sent + (is_broadcast() ? Duration(turnaround) : answer_within_);
    asked_->end = is_broadcast() ? asked_->deadline
                                 : asked_->deadline + time_of(longest_frame) + Duration(frame_silence);
    if (line_.rs485 && line_.rs485->rx_during_tx) asked_->echo = asked_->request.size();
    heard_.clear();
    events_.to_line(asked_->request);
}

// Late answers, and what nobody asked for, are nobody's. One that comes late to a question of the same unit,
// function and length can't be told from its answer: RTU has no numbers.
bool Turns::is_answer(std::span<const std::byte> frame) const {
    const auto& request = asked_->request;
    if (crc(frame) != 0 || frame[0] != request[0] || (frame[1] & ~exception_bit) != request[1]) return false;
    if ((frame[1] & exception_bit) != std::byte{0}) return true;
    const auto wanted = bytes_asked_for(request);
    return !wanted || std::to_integer<std::size_t>(frame[2]) == *wanted;
}

void Turns::from_line(std::span<const std::byte> bytes, Moment now) {
    const auto echo = asked_ ? std::min(asked_->echo, bytes.size()) : 0;
    if (asked_) asked_->echo -= echo;
    bytes = bytes.subspan(echo);
    if (!asked_ || is_broadcast())
        stray_bytes_ += bytes.size();
    else if (!bytes.empty())
        hear(bytes, now);
}

void Turns::hear(std::span<const std::byte> bytes, Moment now) {
    heard_last_ = now;
    const auto taken =
        bytes.first(std::min(longest_frame - std::min(heard_.size(), longest_frame), bytes.size()));
    stray_bytes_ += bytes.size() - taken.size();
    heard_.insert(heard_.end(), taken.begin(), taken.end());
    if (heard_.size() < 2) return;
    const auto length = answer_length(std::span(heard_).subspan(1));
    if (length == 0 || heard_.size() < length + around_pdu) return;
    stray_bytes_ += heard_.size() - (length + around_pdu);
    heard_.resize(length + around_pdu);
    if (is_answer(heard_)) return settle(true, now);
    lose_heard();
}

void Turns::lose_heard() {
    stray_bytes_ += heard_.size();
    heard_.clear();
}

void Turns::settle(bool answered, Moment now) {
    const auto asked = std::exchange(asked_, nullptr);
    if (const auto by = asked->by) {
        auto& counts = clients_.at(*by).counts;
        ++(answered ? counts.answered : counts.timed_out);
        if (answered && !heard_.empty()) events_.to_client(*by, heard_);
    }
    if (answered)
        heard_.clear();
    else {
        lose_heard();
        events_.timed_out();
    }
    free_ = now + std::max<Duration>(least_silence, time_of(7) / 2);
}

void Turns::tick(Moment now) {
    for (auto& [client, asker] : clients_)
        if (asker.frames.waits_for_silence() && now - asker.heard >= frame_silence)
            if (const auto ended = asker.frames.on_silence()) take(client, asker, *ended, now);
    if (asked_ && !heard_.empty() && now - heard_last_ >= frame_silence) {
        if (heard_.size() > around_pdu && is_answer(heard_))
            settle(true, now);
        else
            lose_heard();
    }
    if (asked_ && (now >= asked_->end || (heard_.empty() && now >= asked_->deadline)))
        settle(is_broadcast(), now);
    give_turn(now);
}

std::optional<Turns::Moment> Turns::next() const {
    std::optional<Moment> first;
    const auto at = [&](Moment moment) { first = first ? std::min(*first, moment) : moment; };
    bool waiting = false;
    for (const auto& [client, asker] : clients_) {
        if (asker.frames.waits_for_silence()) at(asker.heard + frame_silence);
        waiting = waiting || !asker.waiting.empty();
    }
    if (!asked_) {
        if (waiting) at(free_);
        return first;
    }
    if (!heard_.empty()) at(heard_last_ + frame_silence);
    at(heard_.empty() ? asked_->deadline : asked_->end);
    return first;
}

}  // namespace bulkhead::passthrough::modbus
