#include "vnet/capture/pcapng.hpp"

#include <cstring>

namespace bulkhead::vnet::capture {
namespace {

constexpr std::uint32_t section_block = 0x0a0d0d0a;
constexpr std::uint32_t section_order = 0x1a2b3c4d;
constexpr std::uint32_t interface_block = 1;
constexpr std::uint32_t packet_block = 6;
constexpr std::uint16_t link_ethernet = 1;
constexpr std::uint16_t option_end = 0;
constexpr std::uint16_t option_application = 4;  // of a section
constexpr std::uint16_t option_name = 2;         // of an interface
constexpr std::uint16_t option_resolution = 9;   // of an interface: a power of ten
constexpr std::uint16_t option_flags = 2;        // of a packet
constexpr std::uint32_t flag_inbound = 1;
constexpr std::uint32_t flag_outbound = 2;

template <class Number>
void put(std::string& to, Number value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    to.append(bytes, sizeof value);
}

void put_padded(std::string& to, std::string_view bytes) {
    to += bytes;
    to.append((4 - bytes.size() % 4) % 4, '\0');
}

void put_option(std::string& to, std::uint16_t code, std::string_view value) {
    put(to, code);
    put(to, static_cast<std::uint16_t>(value.size()));
    put_padded(to, value);
}

std::string block(std::uint32_t type, std::string_view body) {
    const auto length = static_cast<std::uint32_t>(12 + body.size());
    std::string bytes;
    put(bytes, type);
    put(bytes, length);
    bytes += body;
    put(bytes, length);
    return bytes;
}

void end_options(std::string& to) {
    put(to, option_end);
    put(to, std::uint16_t{0});
}

}  // namespace

std::string capture_head(const std::vector<std::string>& interfaces) {
    std::string section;
    put(section, section_order);
    put(section, std::uint16_t{1});  // version 1.0
    put(section, std::uint16_t{0});
    put(section, std::int64_t{-1});  // length: not known yet
    put_option(section, option_application, "bulkhead " BULKHEAD_VERSION);
    end_options(section);
    std::string head = block(section_block, section);
    for (const auto& name : interfaces) {
        std::string body;
        put(body, link_ethernet);
        put(body, std::uint16_t{0});
        put(body, std::uint32_t{0});  // no limit of length
        put_option(body, option_name, name);
        put_option(body, option_resolution, "\x09");
        end_options(body);
        head += block(interface_block, body);
    }
    return head;
}

std::string capture_block(const CapturedFrame& frame) {
    const auto time = static_cast<std::uint64_t>(frame.time.count());
    std::string body;
    put(body, static_cast<std::uint32_t>(frame.interface));
    put(body, static_cast<std::uint32_t>(time >> 32));
    put(body, static_cast<std::uint32_t>(time));
    put(body, static_cast<std::uint32_t>(frame.bytes.size()));
    put(body, static_cast<std::uint32_t>(frame.whole));
    put_padded(body, frame.bytes);
    std::string flags;
    put(flags, frame.outgoing ? flag_outbound : flag_inbound);
    put_option(body, option_flags, flags);
    end_options(body);
    return block(packet_block, body);
}

}  // namespace bulkhead::vnet::capture
