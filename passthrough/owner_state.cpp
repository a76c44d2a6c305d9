#include "passthrough/owner_state.hpp"

#include <limits>
#include <utility>

#include "base/name.hpp"
#include "base/text.hpp"
#include "bulkhead/serial/v1/serial.pb.h"

namespace bulkhead::passthrough {
namespace {

constexpr std::size_t longest_text = 512;

void encode(const BusCounts& counts, ::bulkhead::serial::v1::Bus& message) {
    message.set_state(printable(counts.state, longest_text));
    message.set_to_bus(counts.to_bus);
    message.set_to_guest(counts.to_guest);
    message.set_lost_to_bus(counts.lost_to_bus);
    message.set_lost_to_guest(counts.lost_to_guest);
    message.set_bus_off(counts.bus_off);
    message.set_passive(counts.passive);
    message.set_restarts(counts.restarts);
    message.set_errors(counts.errors);
}

std::optional<BusCounts> decode_bus(const ::bulkhead::serial::v1::OwnerState& message) {
    if (!message.has_bus()) return std::nullopt;
    const auto& bus = message.bus();
    return BusCounts{printable(bus.state(), longest_text),
                     bus.to_bus(),
                     bus.to_guest(),
                     bus.lost_to_bus(),
                     bus.lost_to_guest(),
                     bus.bus_off(),
                     bus.passive(),
                     bus.restarts(),
                     bus.errors()};
}

void add_test(const LineTestResult& test, ::bulkhead::serial::v1::LineTest& message) {
    message.set_number(test.number);
    message.set_refused(printable(test.refused, longest_text));
    message.set_sent(test.sent);
    message.set_heard(test.heard);
    message.set_wrong(test.wrong);
    message.set_took_ms(static_cast<std::uint32_t>(test.took.count()));
    message.set_line_ms(static_cast<std::uint32_t>(test.line_time.count()));
}

std::optional<LineTestResult> test_of(const ::bulkhead::serial::v1::OwnerState& message) {
    if (!message.has_test()) return std::nullopt;
    const auto& test = message.test();
    return LineTestResult{test.number(),
                          printable(test.refused(), longest_text),
                          test.sent(),
                          test.heard(),
                          test.wrong(),
                          std::chrono::milliseconds(test.took_ms()),
                          std::chrono::milliseconds(test.line_ms())};
}

::bulkhead::serial::v1::Gate message_of(Gate gate) {
    switch (gate) {
        case Gate::open:
            return ::bulkhead::serial::v1::open;
        case Gate::receive_only:
            return ::bulkhead::serial::v1::receive_only;
        case Gate::closed:
            break;
    }
    return ::bulkhead::serial::v1::closed;
}

// Whatever nobody knows is closed.
Gate gate_of(::bulkhead::serial::v1::Gate message) {
    if (message == ::bulkhead::serial::v1::open) return Gate::open;
    return message == ::bulkhead::serial::v1::receive_only ? Gate::receive_only : Gate::closed;
}

std::optional<::bulkhead::serial::v1::OwnerRequest> request_of(std::string_view payload) {
    ::bulkhead::serial::v1::OwnerRequest request;
    if (payload.size() > std::numeric_limits<int>::max() ||
        !request.ParseFromArray(payload.data(), static_cast<int>(payload.size())))
        return std::nullopt;
    return request;
}

}  // namespace

std::string encode(const OwnerState& state) {
    ::bulkhead::serial::v1::OwnerState message;
    message.set_device(state.assignment.device.str());
    message.set_partition(state.assignment.partition.str());
    message.set_token(state.assignment.token);
    message.set_at(state.assignment.at);
    message.set_line(model::to_string(state.assignment.line));
    message.set_rules(to_string(state.assignment.rules));
    message.set_kind(std::string(to_string(state.assignment.kind)));
    message.set_expect(to_string(state.assignment.expect));
    message.set_terms(to_string(state.assignment.terms));
    message.set_gate(message_of(state.gate));
    message.set_found(printable(state.found, longest_text));
    message.set_present(state.present);
    message.set_connected(state.connected);
    message.set_to_device_bytes(state.to_device_bytes);
    message.set_to_guest_bytes(state.to_guest_bytes);
    message.set_error(printable(state.error, longest_text));
    message.set_pid(static_cast<std::uint32_t>(state.pid));
    if (state.guard) {
        auto& guard = *message.mutable_guard();
        guard.set_passed(state.guard->passed);
        guard.set_refused(state.guard->refused);
        guard.set_broken(state.guard->broken);
        guard.set_last(printable(state.guard->last, longest_text));
    }
    if (state.bus) encode(*state.bus, *message.mutable_bus());
    if (state.test) add_test(*state.test, *message.mutable_test());
    return message.SerializeAsString();
}

Result<OwnerState> decode_owner_state(std::string_view payload) {
    ::bulkhead::serial::v1::OwnerState message;
    if (payload.size() > std::numeric_limits<int>::max() ||
        !message.ParseFromArray(payload.data(), static_cast<int>(payload.size())))
        return fail(Code::corrupt, "the owner of a device sent no valid message");
    if (!is_label(message.device()) || !is_label(message.partition()) || message.at().size() > 4096)
        return fail(Code::corrupt, "the owner of a device names no device or partition");
    auto line = model::parse_serial_line(message.line());
    if (!line) return fail(Code::corrupt, line.error().what, message.device());
    auto rules = model::parse_line_rules(message.rules());
    if (!rules) return fail(Code::corrupt, rules.error().what, message.device());
    const auto kind = model::parse_device_kind(message.kind().empty() ? "serial" : message.kind());
    if (!kind) return fail(Code::corrupt, kind.error().what, message.device());
    auto expect = model::parse_usb_identity(message.expect());
    if (!expect) return fail(Code::corrupt, expect.error().what, message.device());
    const auto terms = model::parse_device_terms(message.terms());
    if (!terms) return fail(Code::corrupt, terms.error().what, message.device());
    std::optional<GuardCounts> guard;
    if (message.has_guard())
        guard = GuardCounts{message.guard().passed(), message.guard().refused(), message.guard().broken(),
                            printable(message.guard().last(), longest_text)};
    return OwnerState{
        {model::DeviceName(message.device()), model::PartitionName(message.partition()), message.token(),
         message.at(), *line, *kind, std::move(*rules), std::move(*expect), *terms},
        message.present(),
        message.connected(),
        message.to_device_bytes(),
        message.to_guest_bytes(),
        printable(message.error(), longest_text),
        static_cast<pid_t>(message.pid() & 0x7FFF'FFFFU),
        std::move(guard),
        printable(message.found(), longest_text),
        decode_bus(message),
        test_of(message),
        gate_of(message.gate())};
}

std::string encode_stop_request() {
    ::bulkhead::serial::v1::OwnerRequest request;
    request.set_stop(true);
    return request.SerializeAsString();
}

bool is_stop_request(std::string_view payload) {
    const auto request = request_of(payload);
    return request && request->stop();
}

std::string encode_test_request(const LineTestOrder& order) {
    ::bulkhead::serial::v1::OwnerRequest request;
    request.set_test_number(order.number);
    request.set_test_bytes(order.bytes);
    return request.SerializeAsString();
}

std::optional<LineTestOrder> test_request(std::string_view payload) {
    const auto request = request_of(payload);
    if (!request || request->test_number() == 0 || request->test_bytes() == 0 ||
        request->test_bytes() > LineTestOrder::most_bytes)
        return std::nullopt;
    return LineTestOrder{request->test_number(), request->test_bytes()};
}

std::string encode_gate_request(Gate gate) {
    ::bulkhead::serial::v1::OwnerRequest request;
    request.set_gate(message_of(gate));
    return request.SerializeAsString();
}

std::optional<Gate> gate_request(std::string_view payload) {
    const auto request = request_of(payload);
    if (!request || !request->has_gate()) return std::nullopt;
    return gate_of(request->gate());
}

}  // namespace bulkhead::passthrough
