#include "vnet/explain/words.hpp"

#include <gtest/gtest.h>

namespace bulkhead::vnet::explain {
namespace {

TEST(Words, are_said_again_as_they_were_read) {
    for (const char* text :
         {"tcp 10.20.1.5:40000 > 10.20.9.2:8883 syn", "udp [fd00::1]:53 > [fd00::2]:53",
          "icmp 10.0.0.1 > 10.0.0.2", "icmp-reply fd00::1 > fd00::2", "arp 10.0.0.1 > 10.0.0.2",
          "nd fd00::1 > fd00::2", "tcp 10.0.0.1:1 > 10.0.0.2:2 fin,ack"}) {
        const auto words = parse_words(text);
        ASSERT_TRUE(words) << text << ": " << words.error().text();
        EXPECT_EQ(to_text(*words), text);
    }
}

TEST(Words, that_are_unclear_are_refused_with_what_was_wanted) {
    for (const char* text :
         {"", "tcp", "tcp 10.0.0.1:1 < 10.0.0.2:2", "tcp 10.0.0.1 > 10.0.0.2:2",
          "sctp 10.0.0.1:1 > 10.0.0.2:2", "tcp 10.0.0.1:1 > [fd00::1]:2", "icmp 10.0.0.1:1 > 10.0.0.2",
          "tcp 10.0.0.1:65536 > 10.0.0.2:2", "udp 10.0.0.1:1 > 10.0.0.2:2 syn", "tcp [fd00::1 > 10.0.0.2:2",
          "tcp 10.0.0.1:1 > 10.0.0.2:2 urg"}) {
        const auto words = parse_words(text);
        EXPECT_FALSE(words) << text;
    }
    EXPECT_NE(parse_words("sctp 10.0.0.1:1 > 10.0.0.2:2").error().text().find("tcp, udp, icmp"),
              std::string::npos);
}

}  // namespace
}  // namespace bulkhead::vnet::explain
