#include "cli/packet_file.hpp"

#include <gtest/gtest.h>

namespace bulkhead::cli {
namespace {

// Numbers in the byte order of the machine that captured.
struct Writer {
    bool big = false;
    std::string bytes;
    Writer& number(std::uint32_t value, std::size_t length) {
        for (std::size_t i = 0; i < length; ++i)
            bytes += static_cast<char>(value >> (8 * (big ? length - 1 - i : i)));
        return *this;
    }
    Writer& u32(std::uint32_t value) { return number(value, 4); }
    Writer& u16(std::uint32_t value) { return number(value, 2); }
    Writer& text(const std::string& text) {
        bytes += text;
        return *this;
    }
};

Writer pcap(bool big, std::uint32_t magic = 0xa1b2c3d4, std::uint32_t link = 1) {
    Writer file{big, {}};
    file.u32(magic).u16(2).u16(4).u32(0).u32(0).u32(65535).u32(link);
    return file;
}
Writer& record(Writer& file, const std::string& packet, std::size_t whole) {
    const auto held = static_cast<std::uint32_t>(packet.size());
    return file.u32(1).u32(2).u32(held).u32(static_cast<std::uint32_t>(whole)).text(packet);
}

Writer pcapng(bool big, std::uint32_t link = 1) {
    Writer file{big, {}};
    file.u32(0x0a0d0d0a).u32(28).u32(0x1a2b3c4d).u16(1).u16(0).u32(0xffffffff).u32(0xffffffff).u32(28);
    file.u32(1).u32(20).u16(link).u16(0).u32(0).u32(20);
    return file;
}
Writer& enhanced(Writer& file, std::string packet, std::uint32_t interface = 0) {
    const auto held = static_cast<std::uint32_t>(packet.size());
    packet.resize((packet.size() + 3) / 4 * 4);
    const auto length = static_cast<std::uint32_t>(32 + packet.size());
    return file.u32(6).u32(length).u32(interface).u32(0).u32(0).u32(held).u32(held).text(packet).u32(length);
}

using Packets = std::vector<std::string>;

std::string refusal(const std::string& bytes) {
    const auto read = read_packets(bytes, "x.pcap");
    EXPECT_FALSE(read);
    return read ? "" : read.error().text();
}

TEST(PacketFile, pcap_in_either_byte_order) {
    for (const bool big : {false, true})
        for (const std::uint32_t magic : {0xa1b2c3d4U, 0xa1b23c4dU}) {
            auto file = pcap(big, magic);
            record(file, "first", 5);
            record(file, "", 0);
            EXPECT_EQ(read_packets(file.bytes, "x"), (Packets{"first", ""}));
        }
}

TEST(PacketFile, pcapng_in_either_byte_order_with_blocks_of_others) {
    for (const bool big : {false, true}) {
        auto file = pcapng(big);
        enhanced(file, "first");
        file.u32(5).u32(16).u32(7).u32(16);  // statistics
        file.u32(3).u32(20).u32(3).text("abc").text(std::string(1, '\0')).u32(20);
        EXPECT_EQ(read_packets(file.bytes, "x"), (Packets{"first", "abc"}));
    }
}

TEST(PacketFile, what_is_no_capture_of_ethernet_is_refused) {
    EXPECT_NE(refusal("").find("it is no capture"), std::string::npos);
    EXPECT_NE(refusal("#!/bin/sh and then some more words").find("no capture"), std::string::npos);
    EXPECT_NE(refusal(pcap(false, 0xa1b2c3d4, 113).bytes).find("link type 113"), std::string::npos);
    auto cooked = pcapng(false, 113);
    EXPECT_NE(refusal(enhanced(cooked, "x").bytes).find("link type 113"), std::string::npos);
    auto stray = pcapng(false);
    EXPECT_NE(refusal(enhanced(stray, "x", 1).bytes).find("of no interface"), std::string::npos);
}

TEST(PacketFile, a_packet_that_the_capture_cut_is_refused) {
    auto file = pcap(false);
    EXPECT_NE(refusal(record(file, "first", 6).bytes).find("5 of its 6 bytes"), std::string::npos);
}

TEST(PacketFile, every_prefix_of_a_file_is_read_or_refused) {
    auto old = pcap(false);
    record(old, "first", 5);
    auto next = pcapng(true);
    enhanced(next, "first");
    for (const auto& bytes : {old.bytes, next.bytes})
        for (std::size_t length = 0; length < bytes.size(); ++length)
            EXPECT_NE(read_packets(bytes.substr(0, length), "x"), Packets{"first"});
}

TEST(PacketFile, lengths_that_lie_are_refused) {
    auto file = pcap(false);
    file.u32(1).u32(2).u32(0xfffffff0).u32(0xfffffff0).text("x");
    EXPECT_NE(refusal(file.bytes).find("longer than the file"), std::string::npos);
    auto block = pcapng(false);
    block.u32(6).u32(36).u32(0).u32(0).u32(0).u32(5).u32(5).text("abcd").u32(36);
    EXPECT_NE(refusal(block.bytes).find("longer than its block"), std::string::npos);
    auto endless = pcapng(false);
    endless.u32(6).u32(0);
    EXPECT_NE(refusal(endless.bytes).find("wrong length"), std::string::npos);
}

TEST(PacketFile, more_than_may_be_is_refused) {
    auto file = pcap(false);
    for (std::size_t i = 0; i < most_packets; ++i) record(file, "x", 1);
    EXPECT_TRUE(read_packets(file.bytes, "x"));
    EXPECT_NE(refusal(record(file, "x", 1).bytes).find("too many packets"), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::cli
