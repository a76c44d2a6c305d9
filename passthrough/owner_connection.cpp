#include "passthrough/owner_connection.hpp"

namespace bulkhead::passthrough {

Result<OwnerConnection> OwnerConnection::open(const std::filesystem::path& control) {
    BULKHEAD_TRY_ASSIGN(auto helper, HelperConnection::open(control, "owner of the device"));
    return OwnerConnection(std::move(helper));
}

Result<OwnerState> OwnerConnection::state(std::chrono::milliseconds deadline) {
    BULKHEAD_TRY_ASSIGN(const auto payload, helper_.state(deadline));
    return decode_owner_state(payload);
}

template <class Predicate>
Result<OwnerState> OwnerConnection::await(std::chrono::milliseconds deadline, Predicate is_it) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + deadline;
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        if (left.count() <= 0) return fail(Code::timeout, "the owner of the device does not get there");
        BULKHEAD_TRY_ASSIGN(auto now, state(left));
        if (is_it(now)) return now;
    }
}

Result<LineTestResult> OwnerConnection::test(const LineTestOrder& order, std::chrono::milliseconds deadline) {
    BULKHEAD_TRY(helper_.ask(encode_test_request(order)));
    BULKHEAD_TRY_ASSIGN(auto tested, await(deadline, [&](const OwnerState& now) {
                            return now.test && now.test->number == order.number;
                        }));
    return std::move(*tested.test);
}

Result<> OwnerConnection::set(Gate gate, std::chrono::milliseconds deadline) {
    BULKHEAD_TRY(helper_.ask(encode_gate_request(gate)));
    BULKHEAD_TRY(await(deadline, [gate](const OwnerState& now) { return now.gate == gate; }));
    return {};
}

Result<> OwnerConnection::end(std::chrono::milliseconds patience) {
    return helper_.end(encode_stop_request(), patience);
}

}  // namespace bulkhead::passthrough
