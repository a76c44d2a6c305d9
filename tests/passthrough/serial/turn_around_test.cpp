#include "passthrough/serial/turn_around.hpp"

#include <gtest/gtest.h>

namespace bulkhead::passthrough::serial {
namespace {

using namespace std::chrono_literals;

TEST(TurnAround, has_the_words_of_the_kernel) {
    const auto usual = words_of({});
    EXPECT_EQ(usual.flags, std::uint32_t{SER_RS485_ENABLED | SER_RS485_RTS_ON_SEND});
    EXPECT_EQ(usual.delay_rts_before_send, 0U);
    EXPECT_EQ(usual.delay_rts_after_send, 0U);
    const auto other = words_of({.rts_on_send = false,
                                 .delay_rts_before_send = 2ms,
                                 .delay_rts_after_send = 1ms,
                                 .rx_during_tx = true});
    EXPECT_EQ(other.flags,
              std::uint32_t{SER_RS485_ENABLED | SER_RS485_RTS_AFTER_SEND | SER_RS485_RX_DURING_TX});
    EXPECT_EQ(other.delay_rts_before_send, 2U);
    EXPECT_EQ(other.delay_rts_after_send, 1U);
}

}  // namespace
}  // namespace bulkhead::passthrough::serial
