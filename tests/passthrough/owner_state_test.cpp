#include "passthrough/owner_state.hpp"

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <random>

#include "bulkhead/serial/v1/serial.pb.h"
#include "passthrough/line_state.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;

OwnerState a_state() {
    return {{model::DeviceName("rs485-1"), model::PartitionName("robot-cell"), 7, "/dev/ttyUSB0",
             *model::parse_serial_line("19200 8E1")},
            true,
            true,
            123,
            456,
            "",
            4711,
            GuardCounts{9, 2, 1, "unit 1, function 6: no rule allows this"}};
}

TEST(OwnerState, comes_back_as_it_was_sent) {
    EXPECT_EQ(*decode_owner_state(encode(a_state())), a_state());
    OwnerState of_a_port{{model::DeviceName("scale"),
                          model::PartitionName("press"),
                          9,
                          "1-2.3",
                          {},
                          model::DeviceKind::usb,
                          {},
                          {"0403", "6001"}},
                         true};
    of_a_port.found = "0403:6001 FTDI FT232R";
    EXPECT_EQ(*decode_owner_state(encode(of_a_port)), of_a_port);
    OwnerState of_a_bus{{model::DeviceName("can-robot"),
                         model::PartitionName("robot"),
                         3,
                         "0000:00:08.0",
                         {},
                         model::DeviceKind::can,
                         model::CanBus{{{model::parse_can_rule("send 0x201 at 20/s").value()}}, 500'000},
                         {}},
                        false,
                        true};
    of_a_bus.guard = GuardCounts{9, 2, 0, "send 0x202: no rule allows it"};
    of_a_bus.bus = BusCounts{"error passive", 1, 2, 3, 4, 5, 6, 7, 8};
    EXPECT_EQ(*decode_owner_state(encode(of_a_bus)), of_a_bus);
    auto tested = a_state();
    tested.test =
        LineTestResult{3, "", 256, 255, 2, std::chrono::milliseconds(270), std::chrono::milliseconds(267)};
    EXPECT_EQ(*decode_owner_state(encode(tested)), tested);
    for (const auto gate : {Gate::open, Gate::closed, Gate::receive_only}) {
        auto gated = a_state();
        gated.assignment.terms = {true, model::OnLoss::detach};
        gated.gate = gate;
        EXPECT_EQ(*decode_owner_state(encode(gated)), gated);
        EXPECT_EQ(gate_request(encode_gate_request(gate)), gate);
    }
}

TEST(OwnerState, a_gate_that_nobody_knows_is_closed_and_no_request_is_none) {
    serial::v1::OwnerRequest request;
    request.set_gate(static_cast<serial::v1::Gate>(77));
    EXPECT_EQ(gate_request(request.SerializeAsString()), Gate::closed);
    EXPECT_FALSE(gate_request(encode_stop_request()));
    EXPECT_FALSE(gate_request("\xff\xff\xff"));
    serial::v1::OwnerState state;
    state.ParseFromString(encode(a_state()));
    state.set_gate(static_cast<serial::v1::Gate>(77));
    EXPECT_EQ(decode_owner_state(state.SerializeAsString())->gate, Gate::closed);
}

TEST(OwnerState, a_request_of_no_or_too_many_bytes_is_none_for_a_test) {
    const auto order = test_request(encode_test_request({7, 4096}));
    ASSERT_TRUE(order);
    EXPECT_EQ(order->number, 7U);
    EXPECT_EQ(order->bytes, 4096U);
    EXPECT_FALSE(is_stop_request(encode_test_request({7, 4096})));
    EXPECT_FALSE(test_request(encode_test_request({7, 4097})));
    EXPECT_FALSE(test_request(encode_test_request({7, 0})));
    EXPECT_FALSE(test_request(encode_test_request({0, 9})));
    EXPECT_FALSE(test_request(encode_stop_request()));
    EXPECT_FALSE(test_request("\xff\xff\xff"));
}

TEST(OwnerState, with_names_or_settings_that_are_none_is_corrupt) {
    const auto refuses = [](auto change) {
        serial::v1::OwnerState message;
        message.ParseFromString(encode(a_state()));
        change(message);
        const auto decoded = decode_owner_state(message.SerializeAsString());
        return !decoded && decoded.error().code == Code::corrupt;
    };
    EXPECT_TRUE(refuses([](auto& message) { message.set_device("../../etc"); }));
    EXPECT_TRUE(refuses([](auto& message) { message.set_partition(""); }));
    EXPECT_TRUE(refuses([](auto& message) { message.set_line("9600"); }));
    EXPECT_TRUE(refuses([](auto& message) { message.set_terms("trusted, or else whatever"); }));
    EXPECT_TRUE(refuses([](auto& message) { message.set_kind("disk"); }));
    EXPECT_TRUE(refuses([](auto& message) { message.set_expect("0403"); }));
    EXPECT_TRUE(refuses([](auto& message) { message.set_at(std::string(10'000, 'a')); }));
}

TEST(OwnerState, has_an_error_fit_for_a_terminal) {
    auto state = a_state();
    state.error = "gone\x1b[2J\n" + std::string(10'000, 'x');
    const auto decoded = decode_owner_state(encode(state));
    EXPECT_EQ(decoded->error.find('\x1b'), std::string::npos);
    EXPECT_LE(decoded->error.size(), 512U);
}

TEST(OwnerState, of_random_bytes_never_gets_through_unchecked) {
    google::protobuf::SetLogHandler(nullptr);  // it complains of each bad string
    std::mt19937 random(1);
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes = encode(a_state());
        for (int flips = 0; flips < 4; ++flips) bytes[random() % bytes.size()] = static_cast<char>(random());
        bytes.resize(random() % (bytes.size() + 1));
        const auto decoded = decode_owner_state(bytes);
        EXPECT_TRUE(!decoded || !decoded->assignment.device.empty());
    }
}

TEST(OwnerRequest, to_stop_is_told_from_all_else) {
    EXPECT_TRUE(is_stop_request(encode_stop_request()));
    EXPECT_FALSE(is_stop_request(""));
    EXPECT_FALSE(is_stop_request("stop"));
}

TEST(LineState, reads_back_what_it_wrote) {
    LineState state{"/dev/serial/by-path/one", *model::parse_serial_line("9600 8N1; in turns of 300 ms")};
    state.present = true;
    state.pid = 4711;
    state.stray_bytes = 7;
    state.turns[model::DeviceName("line-1")] = {9, 6, 3, 2, 1, 5, 1200us, 400us};
    state.turns[model::DeviceName("line-2")] = {};
    EXPECT_EQ(decode_line_state(encode(state)).value(), state);
    state.present = false;
    state.error = "no device";
    EXPECT_EQ(decode_line_state(encode(state)).value(), state);
}

TEST(LineState, refuses_what_no_process_of_ours_would_say) {
    const LineState right{"/dev/a", *model::parse_serial_line("9600 8N1; in turns of 300 ms")};
    LineState crowded = right;
    for (int i = 0; i < 9; ++i) crowded.turns[model::DeviceName("line-" + std::to_string(i))] = {};
    LineState nameless = right;
    nameless.turns[model::DeviceName("../x")] = {};
    LineState elsewhere = right;
    elsewhere.at = std::string(5000, 'a');
    LineState unset = right;
    unset.line.parity = 'X';
    for (const auto& state : {crowded, nameless, elsewhere, unset})
        EXPECT_EQ(decode_line_state(encode(state)).error().code, Code::corrupt);
    for (const char* bytes : {"", "\x0A", "not a message at all"})
        EXPECT_EQ(decode_line_state(bytes).error().code, Code::corrupt) << bytes;
}

TEST(LineRequest, reads_back_what_it_wrote_and_asks_for_nothing_else) {
    for (const auto& request : {LineRequest{.stop = true}, LineRequest{.join = model::DeviceName("line-1")},
                                LineRequest{.leave = model::DeviceName("line-2")}})
        EXPECT_EQ(decode_line_request(encode(request)), request);
    EXPECT_EQ(decode_line_request(encode(LineRequest{.join = model::DeviceName("../x")})), LineRequest{});
    EXPECT_EQ(decode_line_request("\x0A"), LineRequest{});
}

}  // namespace
}  // namespace bulkhead::passthrough
