#include "modbus/request.hpp"

#include <gtest/gtest.h>

#include "tests/passthrough/modbus/frames.hpp"

namespace bulkhead::modbus::test {
namespace {

using model::ModbusTable;

using passthrough::modbus::test::bytes;
using passthrough::modbus::test::Bytes;

Access only_access(const Bytes& pdu) {
    const auto request = parse_request(pdu);
    EXPECT_TRUE(request);
    if (!request || !request->accesses[0]) return {};
    EXPECT_FALSE(request->accesses[1]);
    return *request->accesses[0];
}

TEST(Request, says_what_it_touches) {
    EXPECT_EQ(only_access(bytes({1, 0, 19, 0, 19})), (Access{ModbusTable::coils, false, 19, 19}));
    EXPECT_EQ(only_access(bytes({2, 0, 196, 0, 22})), (Access{ModbusTable::discrete_inputs, false, 196, 22}));
    EXPECT_EQ(only_access(bytes({3, 0, 107, 0, 3})), (Access{ModbusTable::holding_registers, false, 107, 3}));
    EXPECT_EQ(only_access(bytes({4, 0, 8, 0, 1})), (Access{ModbusTable::input_registers, false, 8, 1}));
    EXPECT_EQ(only_access(bytes({5, 0, 172, 255, 0})), (Access{ModbusTable::coils, true, 172, 1}));
    EXPECT_EQ(only_access(bytes({6, 0, 1, 0, 3})), (Access{ModbusTable::holding_registers, true, 1, 1}));
    EXPECT_EQ(only_access(bytes({15, 0, 19, 0, 10, 2, 205, 1})), (Access{ModbusTable::coils, true, 19, 10}));
    EXPECT_EQ(only_access(bytes({16, 0, 1, 0, 2, 4, 0, 10, 1, 2})),
              (Access{ModbusTable::holding_registers, true, 1, 2}));
    EXPECT_EQ(only_access(bytes({22, 0, 4, 0, 242, 0, 37})),
              (Access{ModbusTable::holding_registers, true, 4, 1}));
    const auto both = parse_request(bytes({23, 0, 3, 0, 6, 0, 14, 0, 1, 2, 0, 255}));
    ASSERT_TRUE(both);
    EXPECT_EQ(both->accesses[0], (Access{ModbusTable::holding_registers, false, 3, 6}));
    EXPECT_EQ(both->accesses[1], (Access{ModbusTable::holding_registers, true, 14, 1}));
    const auto other = parse_request(bytes({43, 14, 1, 0}));
    ASSERT_TRUE(other);
    EXPECT_FALSE(other->accesses[0]);
}

TEST(Request, refuses_what_contradicts_itself) {
    const auto code = [](const Bytes& pdu) {
        const auto request = parse_request(pdu);
        return request ? 0 : static_cast<int>(request.error());
    };
    EXPECT_EQ(code({}), 1);
    EXPECT_EQ(code(bytes({0})), 1);
    EXPECT_EQ(code(bytes({0x83, 2})), 1) << "an answer";
    EXPECT_EQ(code(Bytes(254, std::byte{43})), 1) << "longer than a PDU";
    EXPECT_EQ(code(bytes({3, 0, 0, 0})), 3) << "cut";
    EXPECT_EQ(code(bytes({3, 0, 0, 0, 0})), 3) << "of none";
    EXPECT_EQ(code(bytes({3, 0, 0, 0, 126})), 3) << "more than an answer has room for";
    EXPECT_EQ(code(bytes({1, 0, 0, 7, 209})), 3) << "2001 coils";
    EXPECT_EQ(code(bytes({3, 255, 255, 0, 2})), 2) << "past the end of the table";
    EXPECT_EQ(code(bytes({16, 0, 1, 0, 2, 2, 0, 10})), 3) << "a byte count of fewer";
    EXPECT_EQ(code(bytes({16, 0, 1, 0, 2, 4, 0, 10})), 3) << "fewer bytes than it says";
    EXPECT_EQ(code(bytes({23, 0, 3, 0, 6, 0, 14, 0, 1, 4, 0, 255})), 3);
}

TEST(Request, has_a_length_that_follows_from_its_first_bytes) {
    EXPECT_EQ(request_length(bytes({})), std::nullopt);
    EXPECT_EQ(request_length(bytes({3})), 5U);
    EXPECT_EQ(request_length(bytes({16, 0, 1, 0, 2})), std::nullopt);
    EXPECT_EQ(request_length(bytes({16, 0, 1, 0, 2, 4})), 10U);
    EXPECT_EQ(request_length(bytes({17})), 1U);
    EXPECT_EQ(request_length(bytes({8})), 0U) << "only silence tells";
    EXPECT_EQ(request_length(bytes({99})), 0U);
}

}  // namespace
}  // namespace bulkhead::modbus::test
