#include "cli/packet_file.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace bulkhead::cli {
namespace {

constexpr std::uint32_t ethernet = 1;  // LINKTYPE_ETHERNET
constexpr std::uint32_t pcap_microseconds = 0xa1b2c3d4;
constexpr std::uint32_t pcap_nanoseconds = 0xa1b23c4d;
constexpr std::uint32_t section_block = 0x0a0d0d0a;  // the same in both byte orders
constexpr std::uint32_t section_order = 0x1a2b3c4d;
constexpr std::uint32_t interface_block = 1;
constexpr std::uint32_t simple_packet_block = 3;
constexpr std::uint32_t enhanced_packet_block = 6;

// Numbers in either byte order; one that is not wholly there is nothing.
class Bytes {
  public:
    explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

    void set_big(bool big) { big_ = big; }
    std::size_t size() const { return bytes_.size(); }
    std::optional<std::uint32_t> u32(std::size_t at) const { return number(at, 4); }
    std::optional<std::uint32_t> u16(std::size_t at) const { return number(at, 2); }
    std::optional<std::string_view> text(std::size_t at, std::size_t length) const {
        if (at > bytes_.size() || length > bytes_.size() - at) return std::nullopt;
        return bytes_.substr(at, length);
    }

  private:
    std::optional<std::uint32_t> number(std::size_t at, std::size_t length) const {
        const auto part = text(at, length);
        if (!part) return std::nullopt;
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < length; ++i)
            value = value << 8 | static_cast<std::uint8_t>((*part)[big_ ? i : length - 1 - i]);
        return value;
    }
    std::string_view bytes_;
    bool big_ = false;
};

class CaptureReader {
  public:
    CaptureReader(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

    Result<std::vector<std::string>> read() {
        const auto magic = bytes_.u32(0);
        if (magic == section_block) {
            BULKHEAD_TRY(read_blocks());
        } else {
            BULKHEAD_TRY(read_records());
        }
        return std::move(packets_);
    }

  private:
    std::unexpected<Error> wrong(std::string what, std::size_t at) const {
        return fail(Code::invalid, std::move(what), name_ + ": byte " + std::to_string(at),
                    "a capture of Ethernet, as pcap or pcapng");
    }

    Result<> read_records() {
        const auto is_pcap = [&] {
            const auto magic = bytes_.u32(0);
            return magic == pcap_microseconds || magic == pcap_nanoseconds;
        };
        bool known = is_pcap();
        if (!known) {
            bytes_.set_big(true);
            known = is_pcap();
        }
        const auto link = bytes_.u32(20);
        if (!known || !link) return wrong("it is no capture", 0);
        if ((*link & 0xffff) != ethernet) return wrong("link type " + std::to_string(*link & 0xffff), 20);
        for (std::size_t at = 24; at < bytes_.size();) {
            const auto held = bytes_.u32(at + 8);
            const auto whole = bytes_.u32(at + 12);
            if (!held || !whole) return wrong("a record is cut", at);
            BULKHEAD_TRY(take(at + 16, *held, *whole));
            at += 16 + *held;
        }
        return {};
    }

    Result<> read_blocks() {
        for (std::size_t at = 0; at < bytes_.size();) {
            if (bytes_.u32(at) == section_block) BULKHEAD_TRY(begin_section(at));
            const auto length = bytes_.u32(at + 4);
            if (!length || *length < 12 || *length % 4 != 0 || !bytes_.text(at, *length))
                return wrong("a block has a wrong length", at);
            BULKHEAD_TRY(read_block(at, *length));
            at += *length;
        }
        return {};
    }

    Result<> begin_section(std::size_t at) {
        links_.clear();
        bytes_.set_big(false);
        if (bytes_.u32(at + 8) == section_order) return {};
        bytes_.set_big(true);
        if (bytes_.u32(at + 8) == section_order) return {};
        return wrong("a section has no byte order", at);
    }

    // `length` bytes are there.
    Result<> read_block(std::size_t at, std::size_t length) {
        const auto type = bytes_.u32(at).value_or(0);
        if (type == interface_block) links_.push_back(bytes_.u16(at + 8).value_or(0));
        if (type != enhanced_packet_block && type != simple_packet_block) return {};
        const bool enhanced = type == enhanced_packet_block;
        const std::size_t head = enhanced ? 28 : 12;
        if (length < head + 4) return wrong("a block has a wrong length", at);
        const std::uint32_t interface = enhanced ? bytes_.u32(at + 8).value_or(0) : 0;
        if (interface >= links_.size()) return wrong("a packet is of no interface", at);
        if (links_[interface] != ethernet) return wrong("link type " + std::to_string(links_[interface]), at);
        const auto whole = bytes_.u32(at + (enhanced ? 24 : 8)).value_or(0);
        const auto room = static_cast<std::uint32_t>(length - head - 4);
        const auto held = enhanced ? bytes_.u32(at + 20).value_or(0) : std::min(whole, room);
        if (held > room) return wrong("a packet is longer than its block", at);
        return take(at + head, held, whole);
    }

    Result<> take(std::size_t at, std::size_t held, std::size_t whole) {
        const auto packet = bytes_.text(at, held);
        if (!packet) return wrong("a packet is longer than the file", at);
        if (held < whole)
            return fail(Code::invalid,
                        "packet " + std::to_string(packets_.size() + 1) + " has " + std::to_string(held) +
                            " of its " + std::to_string(whole) + " bytes",
                        name_ + ": byte " + std::to_string(at), "whole packets",
                        "capture them with tcpdump -s 0");
        taken_ += held;
        if (packets_.size() == most_packets || taken_ > most_packet_bytes)
            return fail(Code::invalid, "there are too many packets", name_,
                        std::to_string(most_packets) + " packets of 1 MiB together at most",
                        "take a part: editcap -r FILE PART 1-" + std::to_string(most_packets));
        packets_.emplace_back(*packet);
        return {};
    }

    Bytes bytes_;
    const std::string& name_;
    std::vector<std::uint32_t> links_;  // link types of the section's interfaces
    std::size_t taken_ = 0;
    std::vector<std::string> packets_;
};

}  // namespace

Result<std::vector<std::string>> read_packets(std::string_view bytes, const std::string& name) {
    return CaptureReader(bytes, name).read();
}

}  // namespace bulkhead::cli
