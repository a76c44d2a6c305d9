#include "passthrough/line_state.hpp"

#include <limits>
#include <utility>

#include "base/name.hpp"
#include "base/text.hpp"
#include "bulkhead/serial/v1/serial.pb.h"

namespace bulkhead::passthrough {
namespace {

namespace wire = ::bulkhead::serial::v1;

constexpr std::size_t longest_error = 512;
constexpr std::size_t longest_path = 4096;

template <class Message>
bool parse(Message& message, std::string_view payload) {
    return payload.size() <= std::numeric_limits<int>::max() &&
           message.ParseFromArray(payload.data(), static_cast<int>(payload.size()));
}

void add_turns(const model::DeviceName& device, const TurnCounts& counts, wire::Turns& message) {
    message.set_device(device.str());
    message.set_turns(counts.turns);
    message.set_answered(counts.answered);
    message.set_timed_out(counts.timed_out);
    message.set_given_up(counts.given_up);
    message.set_broken(counts.broken);
    message.set_waited(counts.waited);
    message.set_waited_us(static_cast<std::uint64_t>(counts.waited_for.count()));
    message.set_longest_wait_us(static_cast<std::uint64_t>(counts.longest_wait.count()));
}

TurnCounts counts_of(const wire::Turns& message) {
    // As much as a number of ours can be, whatever is said.
    const auto time = [](std::uint64_t count) {
        return std::chrono::microseconds(count & std::uint64_t{std::numeric_limits<std::int64_t>::max()});
    };
    return {message.turns(),  message.answered(), message.timed_out(),       message.given_up(),
            message.broken(), message.waited(),   time(message.waited_us()), time(message.longest_wait_us())};
}

std::optional<model::DeviceName> device_of(const std::string& text) {
    if (!is_label(text)) return std::nullopt;
    return model::DeviceName(text);
}

}  // namespace

std::string encode(const LineState& state) {
    wire::LineState message;
    message.set_at(state.at);
    message.set_line(to_string(state.line));
    message.set_present(state.present);
    message.set_error(printable(state.error, longest_error));
    message.set_pid(static_cast<std::uint32_t>(state.pid));
    message.set_stray_bytes(state.stray_bytes);
    for (const auto& [device, counts] : state.turns) add_turns(device, counts, *message.add_turns());
    return message.SerializeAsString();
}

Result<LineState> decode_line_state(std::string_view payload) {
    wire::LineState message;
    if (!parse(message, payload) || message.at().size() > longest_path ||
        static_cast<std::size_t>(message.turns_size()) > most_at_a_line)
        return fail(Code::corrupt, "who gives the turns at a line sent no valid message");
    LineState state{.at = message.at(),
                    .present = message.present(),
                    .error = printable(message.error(), longest_error),
                    .pid = static_cast<pid_t>(message.pid() & 0x7FFF'FFFFU),
                    .stray_bytes = message.stray_bytes()};
    auto line = model::parse_serial_line(message.line());
    if (!line) return fail(Code::corrupt, line.error().what, "the line at " + printable(state.at, 256));
    state.line = *line;
    for (const auto& turns : message.turns()) {
        const auto device = device_of(turns.device());
        if (!device) return fail(Code::corrupt, "who gives the turns at a line names no device");
        state.turns.emplace(*device, counts_of(turns));
    }
    return state;
}

std::string encode(const LineRequest& request) {
    wire::LineRequest message;
    message.set_stop(request.stop);
    if (request.join) message.set_join(request.join->str());
    if (request.leave) message.set_leave(request.leave->str());
    return message.SerializeAsString();
}

LineRequest decode_line_request(std::string_view payload) {
    wire::LineRequest message;
    if (!parse(message, payload)) return {};
    return {message.stop(), device_of(message.join()), device_of(message.leave())};
}

}  // namespace bulkhead::passthrough
