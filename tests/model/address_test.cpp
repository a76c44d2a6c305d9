#include "model/address.hpp"

#include <gtest/gtest.h>

#include "model/resources.hpp"
#include "model/serial_line.hpp"

namespace bulkhead::model {
namespace {

TEST(Address, reads_and_writes_ipv4) {
    EXPECT_EQ(to_string(*parse_ipv4("10.20.1.10")), "10.20.1.10");
    for (const char* text : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.a", " 1.2.3.4"})
        EXPECT_FALSE(parse_ipv4(text)) << text;
}

TEST(Address, names_the_prefix_that_was_meant) {
    const auto prefix = parse_prefix("10.20.1.7/24");
    ASSERT_FALSE(prefix);
    EXPECT_EQ(prefix.error().mend, "write 10.20.1.0/24");
}

TEST(Address, a_prefix_knows_its_hosts) {
    const auto prefix = *parse_prefix("10.20.1.0/24");
    EXPECT_TRUE(prefix.is_host(*parse_ipv4("10.20.1.1")));
    for (const char* text : {"10.20.1.0", "10.20.1.255", "10.20.2.1"})
        EXPECT_FALSE(prefix.is_host(*parse_ipv4(text))) << text;
    EXPECT_TRUE(prefix.overlaps(*parse_prefix("10.0.0.0/8")));
    EXPECT_FALSE(prefix.overlaps(*parse_prefix("10.20.2.0/24")));
}

TEST(SerialLine, reads_settings) {
    EXPECT_EQ(to_string(*parse_line_setting("9600 8N1")), "9600 8N1");
    for (const char* text :
         {"", "9600", "9601 8N1", "9600 9N1", "9600 8X1", "9600 8N3", "9600  8N1", "9600 8N1 "})
        EXPECT_FALSE(parse_line_setting(text)) << text;
}

TEST(SerialLine, is_told_with_how_it_is_worked_and_read_back) {
    for (const char* text : {"9600 8N1", "19200 8E1; rs485 rts on send, 0 ms before, 0 ms after",
                             "115200 7O2; rs485 rts after send, 100 ms before, 1 ms after, rx during tx",
                             "9600 8N1; in turns of 10 ms",
                             "19200 8E1; rs485 rts on send, 0 ms before, 0 ms after; in turns of 10000 ms"}) {
        const auto line = parse_serial_line(text);
        ASSERT_TRUE(line) << text;
        EXPECT_EQ(to_string(*line), text);
    }
    for (const char* text :
         {"", "; ", "9600 8N1; ", "9600 8N1;rs485 rts on send, 0 ms before, 0 ms after", "9600 8N1; twice",
          "9600 8N1; rs485 rts on send, 101 ms before, 0 ms after",
          "9600 8N1; rs485 rts on send, -1 ms before, 0 ms after",
          "9600 8N1; rs485 rts on send, 0 ms before, 0 ms after, and more", "9600 8N1; in turns of 9 ms",
          "9600 8N1; in turns of 10001 ms", "9600 8N1; in turns of 1 s", "9600 8N1; in turns of ",
          "9600 8N1; in turns of 10 ms; rs485 rts on send, 0 ms before, 0 ms after",
          "9600 8N1; rs485 rts on send, 0 ms before, 0 ms after; rs485 rts on send, 0 ms before, 0 ms after"})
        EXPECT_FALSE(parse_serial_line(text)) << text;
    EXPECT_FALSE(parse_line_setting("9600 8N1; rs485 rts on send, 0 ms before, 0 ms after"))
        << "a spec has words of its own for that";
}

TEST(Port, has_a_stable_name_that_the_kernel_takes_and_a_local_unicast_mac) {
    const auto name = port_name(PartitionName("robot-cell"), 7);
    EXPECT_LE(name.str().size(), 15U);
    EXPECT_EQ(name, port_name(PartitionName("robot-cell"), 7));
    const auto mac = port_mac(GatewayName("g"), PartitionName("robot-cell"), 0);
    EXPECT_EQ(mac.bytes[0] & 0x03, 0x02);
}

}  // namespace
}  // namespace bulkhead::model
