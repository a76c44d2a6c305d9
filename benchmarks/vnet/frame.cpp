#include "benchmarks/vnet/frame.hpp"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <net/ethernet.h>
#include <netinet/ether.h>
#include <netinet/in.h>

#include <algorithm>
#include <numeric>

namespace bulkhead::bench {
namespace {

constexpr std::size_t ip_at = 14;
constexpr std::size_t udp_at = ip_at + 20;
constexpr std::size_t checksum_of_frame = 4;

void put16(std::vector<std::uint8_t>& frame, std::size_t at, std::size_t value) {
    frame[at] = static_cast<std::uint8_t>(value >> 8);
    frame[at + 1] = static_cast<std::uint8_t>(value);
}

// RFC 1071.
unsigned header_checksum(const std::vector<std::uint8_t>& frame) {
    unsigned sum = 0;
    for (std::size_t at = ip_at; at < udp_at; at += 2) sum += unsigned{frame[at]} << 8 | frame[at + 1];
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

}  // namespace

Result<End> parse_end(const std::string& text) {
    const auto first = text.find('=');
    const auto second = text.find('=', first + 1);
    End end;
    if (second != std::string::npos) {
        end.interface = text.substr(0, first);
        const auto mac = text.substr(first + 1, second - first - 1);
        if (::ether_aton_r(mac.c_str(), reinterpret_cast<ether_addr*>(end.mac.data())) != nullptr &&
            ::inet_pton(AF_INET, text.c_str() + second + 1, end.address.data()) == 1)
            return end;
    }
    return fail(Code::invalid, "no end of a bed: " + text, {}, "NAME=MAC=ADDRESS");
}

std::vector<std::uint8_t> udp_frame(const End& from, const End& to, unsigned source_port,
                                    unsigned destination_port, std::size_t size) {
    std::vector<std::uint8_t> frame(size - checksum_of_frame);
    std::ranges::copy(to.mac, frame.begin());
    std::ranges::copy(from.mac, frame.begin() + 6);
    put16(frame, 12, ETH_P_IP);
    frame[ip_at] = 0x45;
    put16(frame, ip_at + 2, frame.size() - ip_at);
    frame[ip_at + 8] = 64;
    frame[ip_at + 9] = IPPROTO_UDP;
    std::ranges::copy(from.address, frame.begin() + ip_at + 12);
    std::ranges::copy(to.address, frame.begin() + ip_at + 16);
    put16(frame, ip_at + 10, header_checksum(frame));
    put16(frame, udp_at, source_port);
    put16(frame, udp_at + 2, destination_port);
    put16(frame, udp_at + 4, frame.size() - udp_at);
    return frame;
}

}  // namespace bulkhead::bench
