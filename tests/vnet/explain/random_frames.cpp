#include "tests/vnet/explain/random_frames.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "vnet/explain/judge.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet::test {
namespace {

using explain::Speech;
using explain::Tcp;
using explain::Words;
using Frame = std::vector<std::uint8_t>;

constexpr std::size_t remembered = 12;
constexpr std::size_t shortest = 15;  // that BPF_PROG_TEST_RUN takes

void put16(Frame& frame, std::size_t at, unsigned value) {
    frame.at(at) = static_cast<std::uint8_t>(value >> 8);
    frame.at(at + 1) = static_cast<std::uint8_t>(value);
}

bool is_v4_frame(const Frame& frame) {
    return frame.size() >= 34 && frame[12] == 8 && frame[13] == 0;
}

// So that what was bent elsewhere is still looked at.
void mend_ipv4_checksum(Frame& frame) {
    std::uint32_t sum = 0;
    put16(frame, 24, 0);
    for (std::size_t at = 14; at < 34; at += 2) sum += (unsigned{frame[at]} << 8) | frame[at + 1];
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    put16(frame, 24, ~sum & 0xffff);
}

// Behind the IP header, which then says so.
void append(Frame& frame, const Frame& bytes) {
    frame.insert(frame.end(), bytes.begin(), bytes.end());
    const bool four = is_v4_frame(frame);
    put16(frame, four ? 16 : 18, static_cast<unsigned>(frame.size() - (four ? 14 : 54)));
    if (four) mend_ipv4_checksum(frame);
}

Frame udp_with(const Words& words, const explain::Wrapping& wrapping, const Frame& payload) {
    Frame frame = explain::frame_of(words, wrapping);
    append(frame, payload);
    const std::size_t udp = is_v4_frame(frame) ? 34 : 54;
    put16(frame, udp + 4, static_cast<unsigned>(frame.size() - udp));
    return frame;
}

switch_address link_local(unsigned last) {
    return explain::address_of(std::array<std::uint8_t, 16>{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                                            static_cast<std::uint8_t>(last)});
}

switch_address group(unsigned third, unsigned last) {
    return explain::address_of(std::array<std::uint8_t, 16>{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                                            static_cast<std::uint8_t>(third), 0,
                                                            static_cast<std::uint8_t>(last)});
}

}  // namespace

Frames::Frames(Random& random, const Ir& ir) : random_(random), ir_(ir) {
    for (const auto& [ifindex, source] : ir.sources) {
        macs_.push_back(explain::mac_of(source.mac));
        for (const auto& address : {source.address, source.address6})
            if (!explain::is_none(address)) places_.push_back({ifindex, address});
        if (source.kind == switch_router) {
            places_.push_back({ifindex, to_wire(model::Ipv4{(192U << 24) | 7})});
            places_.push_back({ifindex, to_wire(model::Ipv4{(192U << 24) | (168U << 16) | 9})});
            places_.push_back({ifindex, to_wire(model::Ipv6{{0x20, 1, 5}})});
        }
        if (source.kind == switch_mirror || source.kind == switch_wire)
            places_.push_back({ifindex, to_wire(model::Ipv4{1})});
    }
    for (const auto& [address, endpoint] : ir.addresses) {
        addresses_.push_back(address);
        macs_.push_back(explain::mac_of(endpoint.mac));
        const switch_target* target = explain::target_of(ir, endpoint.slot);
        if (target && target->ifindex != 0) places_.push_back({target->ifindex, address});
    }
    for (const auto& [ifindex, source] : ir.sources)
        if (source.kind == switch_guard)  // in anyone's name
            for (const auto& [address, endpoint] : ir.addresses) places_.push_back({ifindex, address});
    addresses_.push_back(to_wire(model::Ipv4{(192U << 24) | 7}));
    addresses_.push_back(to_wire(model::Ipv4{(192U << 24) | (168U << 16) | 9}));
    addresses_.push_back(to_wire(model::Ipv4{(8U << 24) | 8}));
    addresses_.push_back(to_wire(model::Ipv6{{0x20, 1, 5}}));
    if (places_.empty()) places_.push_back({1, to_wire(model::Ipv4{1})});
    if (macs_.empty()) macs_.push_back({});
}

switch_address Frames::some_address() {
    return one_of(random_, addresses_);
}

Frames::Place Frames::place_of(const switch_address& address) {
    std::vector<Place> fitting;
    std::ranges::copy_if(places_, std::back_inserter(fitting),
                         [&](const Place& place) { return explain::same(place.address, address); });
    return fitting.empty() ? one_of(random_, places_) : one_of(random_, fitting);
}

// A rule for who has that address, and an address of whom it leads to.
const switch_flow* Frames::rule_from(const switch_address& from, switch_address& to) {
    const switch_endpoint* endpoint = explain::endpoint_of(ir_, from);
    const Slot slot = endpoint ? endpoint->slot : explain::outside_of(ir_, from);
    std::vector<std::pair<const switch_flow*, switch_address>> fitting;
    for (const auto& [flow, choice] : ir_.policy) {
        if (flow.from != slot) continue;
        for (const switch_address& address : addresses_) {
            const switch_endpoint* peer = explain::endpoint_of(ir_, address);
            if (is_ipv4(address) == is_ipv4(from) &&
                (peer ? peer->slot : explain::outside_of(ir_, address)) == flow.to)
                fitting.emplace_back(&flow, address);
        }
    }
    if (fitting.empty()) return nullptr;
    const auto& [flow, address] = one_of(random_, fitting);
    to = address;
    return flow;
}

Words Frames::words(const Place& from) {
    Words words{.speech = static_cast<Speech>(below(random_, 5)), .from = from.address};
    for (int attempt = 0; attempt < 8; ++attempt) {
        words.to = some_address();
        if (is_ipv4(words.to) == is_ipv4(words.from) && !explain::same(words.to, words.from)) break;
    }
    if (is_ipv4(words.to) != is_ipv4(words.from)) words.to = words.from;
    const switch_flow* rule = chance(random_, 3) ? nullptr : rule_from(from.address, words.to);
    static const std::vector<std::uint16_t> ports{8883, 502, 514, 53, 67, 68, 546, 547, 40000, 40001, 0};
    words.from_port =
        chance(random_, 4) ? one_of(random_, ports) : static_cast<std::uint16_t>(40000 + below(random_, 2));
    words.to_port = chance(random_, 3) ? one_of(random_, ports) : ports[below(random_, 4)];
    static const std::vector<std::uint8_t> flags{Tcp::syn,
                                                 Tcp::syn,
                                                 Tcp::syn,
                                                 Tcp::ack,
                                                 Tcp::syn | Tcp::ack,
                                                 Tcp::rst,
                                                 Tcp::fin | Tcp::ack,
                                                 Tcp::rst | Tcp::ack,
                                                 0,
                                                 Tcp::fin | Tcp::syn};
    words.flags = one_of(random_, flags);
    words.sequence = 1000 + below(random_, 3);
    words.acknowledged = chance(random_, 3) ? static_cast<std::uint32_t>(random_()) : 1001;
    if (rule != nullptr) {
        words.speech = rule->transport == 6    ? Speech::tcp
                       : rule->transport == 17 ? Speech::udp
                                               : Speech::icmp;
        words.to_port = ntohs(rule->port);
        words.flags = Tcp::syn;
    }
    words.hops = chance(random_, 12) ? static_cast<std::uint8_t>(below(random_, 3)) : std::uint8_t{64};
    return words;
}

// To one of the frames before, so that connections get past their first.
Words Frames::answer() const {
    Words words = past_.at(below(random_, past_.size()));
    if (chance(random_, 4)) return words;
    std::swap(words.from, words.to);
    if (words.speech == Speech::tcp || words.speech == Speech::udp) std::swap(words.from_port, words.to_port);
    if (words.speech == Speech::icmp) words.speech = Speech::icmp_reply;
    static const std::vector<std::uint8_t> flags{Tcp::syn | Tcp::ack,
                                                 Tcp::syn | Tcp::ack,
                                                 Tcp::ack,
                                                 Tcp::fin | Tcp::ack,
                                                 Tcp::rst,
                                                 Tcp::rst | Tcp::ack,
                                                 Tcp::syn};
    words.flags = one_of(random_, flags);
    const std::uint32_t sequence = words.sequence;
    words.sequence = chance(random_, 6) ? static_cast<std::uint32_t>(random_()) : words.acknowledged;
    words.acknowledged = sequence + 1;
    return words;
}

Frame Frames::housekeeping(const Place& from) {
    const auto source = ir_.sources.find(from.ifindex);
    const bool router = source != ir_.sources.end() && source->second.kind == switch_router;
    explain::Wrapping wrapping = explain::wrapping_for(ir_, from.ifindex, Words{.from = from.address});
    const bool six = chance(random_, 2);
    Words words{.speech = Speech::udp, .from = link_local(1 + below(random_, 4)), .to = group(1, 2)};
    wrapping.destination = {0x33, 0x33, 0, 1, 0, 2};
    words.from_port = static_cast<std::uint16_t>(router ? 547 : 546);
    words.to_port = static_cast<std::uint16_t>(router ? 546 : 547);
    if (router) words.to = link_local(1 + below(random_, 4));
    if (six && chance(random_, 2)) {  // a router's solicitation or advertisement
        words.speech = Speech::arp;
        Frame frame = explain::frame_of(words, wrapping);
        frame.resize(frame.size() - 16);
        frame.at(54) =
            static_cast<std::uint8_t>(133 + (chance(random_, 5) ? below(random_, 5) : unsigned{router}));
        const auto target = explain::bytes_of(chance(random_, 2) ? group(0, router ? 1 : 2) : words.to);
        std::ranges::copy(target, frame.begin() + 38);
        if (chance(random_, 3)) std::fill_n(frame.begin() + 22, 16, std::uint8_t{0});
        frame[19] = static_cast<std::uint8_t>(frame.size() - 54);
        return frame;
    }
    if (six) return explain::frame_of(words, wrapping);
    words.from = router || chance(random_, 4) ? from.address : to_wire(model::Ipv4{});
    if (!is_ipv4(words.from)) words.from = to_wire(model::Ipv4{});
    words.to = to_wire(model::Ipv4{0xffffffff});
    words.from_port = static_cast<std::uint16_t>(router ? 67 : 68);
    words.to_port = static_cast<std::uint16_t>(router ? 68 : 67);
    wrapping.destination = explain::everyone;
    Frame bootp(236);
    bootp[0] = router ? 2 : 1;
    bootp[1] = 1;
    bootp[2] = 6;
    const auto given = explain::bytes_of(some_address());
    if (router && !chance(random_, 4)) std::copy_n(given.begin() + 12, 4, bootp.begin() + 16);
    explain::MacBytes mac = wrapping.source;
    if (router) {
        mac = one_of(random_, macs_);
        for (const auto& [address, endpoint] : ir_.addresses)
            if (explain::bytes_of(address) == given) mac = explain::mac_of(endpoint.mac);
    }
    std::ranges::copy(mac, bootp.begin() + 28);
    return udp_with(words, wrapping, bootp);
}

Frame Frames::layer2() {
    static const std::vector<std::array<std::uint8_t, 2>> types{{0x88, 0x92}, {0x88, 0xb8}, {0x88, 0xa4}};
    static const std::vector<explain::MacBytes> groups{
        {0x01, 0x0e, 0xcf, 0, 0, 1}, {0x01, 0x0c, 0xcd, 1, 0, 0}, explain::everyone};
    Frame frame(60);
    std::ranges::copy(chance(random_, 2) ? one_of(random_, macs_) : one_of(random_, groups), frame.begin());
    std::ranges::copy(one_of(random_, macs_), frame.begin() + 6);
    std::ranges::copy(one_of(random_, types), frame.begin() + 12);
    return frame;
}

// Back to who sent one of the frames before, and about it.
Frame Frames::error_about_last(const Place& from) {
    const Words about = past_.at(below(random_, past_.size()));
    if (about.speech == Speech::arp) return layer2();
    Words words{
        .speech = Speech::icmp, .from = chance(random_, 4) ? from.address : about.to, .to = about.from};
    if (is_ipv4(words.from) != is_ipv4(words.to)) words.from = about.to;
    Frame frame = explain::frame_of(words, explain::wrapping_for(ir_, place_of(words.from).ifindex, words));
    const std::size_t icmp = is_ipv4(words.from) ? 34 : 54;
    if (frame.size() != icmp + 8) return frame;  // behind a tag
    static const std::vector<std::uint8_t> types{3, 11, 12, 5};
    static const std::vector<std::uint8_t> types6{1, 2, 3, 4};
    frame[icmp] = one_of(random_, is_ipv4(words.from) ? types : types6);
    const Frame quoted = explain::frame_of(about, {});
    append(frame, Frame(quoted.begin() + 14, quoted.end()));
    return frame;
}

void Frames::bend(Frame& frame) {
    const auto anywhere = [&] { return std::size_t{below(random_, frame.size())}; };
    switch (below(random_, 12)) {
        case 0:
            frame[anywhere()] ^= static_cast<std::uint8_t>(1U << below(random_, 8));
            break;
        case 1:
            frame[anywhere()] = static_cast<std::uint8_t>(random_());
            break;
        case 2:
            frame.resize(std::max(shortest, anywhere()));
            break;
        case 3:
            frame.resize(frame.size() + 1 + below(random_, 80));
            break;
        case 4:
            std::ranges::copy(one_of(random_, macs_), frame.begin());
            break;
        case 5:
            std::ranges::copy(one_of(random_, macs_), frame.begin() + 6);
            break;
        case 6: {
            static const std::vector<std::uint16_t> tags{0, 10, 20, 30, 40, 4095, 0x2014};
            const unsigned tag = one_of(random_, tags);
            const std::uint8_t type = chance(random_, 6) ? 0x88 : 0x81;
            const Frame bytes{type, static_cast<std::uint8_t>(type == 0x88 ? 0xa8 : 0),
                              static_cast<std::uint8_t>(tag >> 8), static_cast<std::uint8_t>(tag)};
            frame.insert(frame.begin() + 12, bytes.begin(), bytes.end());
            break;
        }
        case 7: {
            const auto address = explain::bytes_of(some_address());
            if (is_v4_frame(frame))
                std::copy_n(address.begin() + 12, 4, frame.begin() + (chance(random_, 2) ? 26 : 30));
            break;
        }
        case 8:
            if (frame.size() > 14) frame[14] = static_cast<std::uint8_t>(random_());
            break;
        case 9:
            if (frame.size() > 23) frame[chance(random_, 2) ? 20 : 23] = static_cast<std::uint8_t>(random_());
            break;
        case 10:
            if (frame.size() > 35) frame[34 + below(random_, frame.size() - 34)] ^= 0x5a;
            break;
        default:
            if (frame.size() < 60) frame.resize(60);
            break;
    }
    if (is_v4_frame(frame) && !chance(random_, 8)) mend_ipv4_checksum(frame);
}

Sent Frames::next() {
    Sent sent;
    const bool follows = !past_.empty() && !chance(random_, 3);
    Place from = one_of(random_, places_);
    const unsigned kind = below(random_, 10);
    if (kind == 0) {
        sent.frame = housekeeping(from);
    } else if (kind == 1) {
        sent.frame = layer2();
    } else if (kind == 2 && !past_.empty()) {
        sent.frame = error_about_last(from);
        from.ifindex = place_of(past_.back().to).ifindex;
    } else {
        const Words said = follows ? answer() : words(from);
        if (follows) from = place_of(said.from);
        past_.push_back(said);
        if (past_.size() > remembered) past_.erase(past_.begin());
        sent.frame = explain::frame_of(said, explain::wrapping_for(ir_, from.ifindex, said));
    }
    sent.ifindex = chance(random_, 30) ? one_of(random_, places_).ifindex : from.ifindex;
    while (chance(random_, 4)) bend(sent.frame);
    if (chance(random_, 20)) sent.gso_size = 1 + below(random_, 1500);
    return sent;
}

}  // namespace bulkhead::vnet::test
