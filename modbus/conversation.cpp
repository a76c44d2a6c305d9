#include "modbus/conversation.hpp"

namespace bulkhead::modbus {
void Conversation::turn_to(Turn turn, Moment now) {
    turn_ = turn;
    since_ = now;
    sent_ = 0;
    if (turn != Turn::asking) return;
    request_.clear();
    answer_.clear();
}

void Conversation::end_broken(const char* why) {
    guard_.count_broken(why);
    turn_ = Turn::over;
}

void Conversation::client_said(std::size_t bytes, Moment now) {
    if (turn_ != Turn::asking || bytes == 0) return;
    if (request_.is_empty()) since_ = now;
    request_.came(bytes);
    if (const char* flaw = request_.flaw())
        end_broken(flaw);
    else if (request_.is_whole())
        judge(now);
}

void Conversation::judge(Moment now) {
    const auto exception = guard_.judge(request_.unit(), request_.pdu(), now);
    if (exception) answer_.refuse(request_, *exception);
    turn_to(exception ? Turn::answering : Turn::passing, now);
}

void Conversation::server_said(std::size_t bytes, Moment now) {
    if (turn_ != Turn::waiting) return;
    answer_.came(bytes);
    if (answer_.flaw() != nullptr || (answer_.is_whole() && !is_answer()))
        end_broken("what a server said is no answer to what it was asked");
    else if (answer_.is_whole())
        turn_to(Turn::answering, now);
}

bool Conversation::is_answer() const {
    return answer_.transaction() == request_.transaction() && answer_.unit() == request_.unit() &&
           (answer_.pdu()[0] & ~exception_bit) == (request_.pdu()[0] & ~exception_bit);
}

void Conversation::server_spoke_unasked() {
    if (turn_ != Turn::waiting && turn_ != Turn::over) end_broken("a server spoke unasked");
}

std::span<const std::byte> Conversation::for_client() const {
    return turn_ == Turn::answering ? answer_.bytes().subspan(sent_) : std::span<const std::byte>();
}

std::span<const std::byte> Conversation::for_server() const {
    return turn_ == Turn::passing ? request_.bytes().subspan(sent_) : std::span<const std::byte>();
}

void Conversation::client_took(std::size_t bytes, Moment now) {
    sent_ += bytes;
    if (for_client().empty()) turn_to(Turn::asking, now);
}

void Conversation::server_took(std::size_t bytes, Moment now) {
    sent_ += bytes;
    if (for_server().empty()) turn_to(Turn::waiting, now);
}

Moment Conversation::deadline() const {
    switch (turn_) {
        case Turn::asking:
            return since_ + (request_.is_empty() ? std::chrono::seconds(time_to_idle) : time_to_say);
        case Turn::waiting:
            return since_ + time_to_answer;
        default:
            return since_ + time_to_say;
    }
}

void Conversation::past() {
    if (turn_ == Turn::asking && !request_.is_empty())
        end_broken("a request that never came whole");
    else
        turn_ = Turn::over;
}

}  // namespace bulkhead::modbus
