#include "examples/simulators/can-adapter/adapter.hpp"

#include <array>

namespace bulkhead::simulators {
namespace {

constexpr std::string_view done = "\r";
constexpr std::string_view refused = "\a";
constexpr std::size_t longest_command = 26;  // T, 8 of identifier, 1 of length, 16 of data
constexpr std::array<unsigned, 9> speeds{10'000,  20'000,  50'000,  100'000,  125'000,
                                         250'000, 500'000, 800'000, 1'000'000};

}  // namespace

std::string Adapter::feed(std::string_view bytes) {
    std::string answers;
    for (const char c : bytes) {
        if (c == '\n') continue;
        if (c != '\r') {
            too_long_ = too_long_ || command_.size() == longest_command;
            if (!too_long_) command_.push_back(c);
            continue;
        }
        answers += too_long_ ? std::string(refused) : answer(command_);
        command_.clear();
        too_long_ = false;
    }
    return answers;
}

std::string Adapter::answer(std::string_view command) {
    if (command.empty()) return std::string(done);  // programs send these to flush the line
    const std::string_view rest = command.substr(1);
    switch (command.front()) {
        case 'S':
            return set_speed(rest);
        case 'O':
        case 'L':
            if (open_ || bits_per_second_ == 0 || !rest.empty()) return std::string(refused);
            open_ = true;
            listen_only_ = command.front() == 'L';
            return std::string(done);
        case 'C':
            // Closing a closed channel is an error in the manual; every driver begins with it all the same.
            if (!open_ || !rest.empty()) return std::string(refused);
            open_ = false;
            return std::string(done);
        case 'V':
            return rest.empty() ? "V1013\r" : std::string(refused);
        case 'N':
            return rest.empty() ? "NB001\r" : std::string(refused);
        case 'F':
            return open_ && rest.empty() ? "F00\r" : std::string(refused);
        case 'Z':  // time stamps: off is all we know
            return std::string(!open_ && rest == "0" ? done : refused);
        default:
            return send(command);
    }
}

std::string Adapter::set_speed(std::string_view digit) {
    if (open_ || digit.size() != 1 || digit[0] < '0' || digit[0] > '8') return std::string(refused);
    bits_per_second_ = speeds[static_cast<std::size_t>(digit[0] - '0')];
    return std::string(done);
}

std::string Adapter::send(std::string_view command) {
    const auto frame = decode_slcan(command);
    if (!frame || !open_ || listen_only_) return std::string(refused);
    transmit_(*frame);
    return frame->extended ? "Z\r" : "z\r";
}

}  // namespace bulkhead::simulators
