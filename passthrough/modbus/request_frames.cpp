#include "passthrough/modbus/request_frames.hpp"

#include <algorithm>

#include "passthrough/modbus/crc.hpp"

namespace bulkhead::passthrough::modbus {
void RequestFrames::forget() {
    size_ = 0;
    lost_ = false;
}

RequestFrames::Ended RequestFrames::lose(std::string_view why) {
    size_ = 0;
    lost_ = true;
    return {{}, why};
}

std::optional<RequestFrames::Ended> RequestFrames::next(std::span<const std::byte>& bytes) {
    while (!bytes.empty() && !lost_) {
        if (size_ == held_.size()) return lose("more bytes than a frame has");
        held_[size_++] = bytes.front();
        bytes = bytes.subspan(1);
        const auto length = bulkhead::modbus::request_length(held().subspan(std::min<std::size_t>(size_, 1)));
        if (length && *length != 0 && size_ >= *length + around_pdu) return end(*length + around_pdu);
    }
    bytes = {};
    return std::nullopt;
}

std::optional<RequestFrames::Ended> RequestFrames::on_silence() {
    std::optional<Ended> ended;
    if (size_ >= shortest_frame)
        ended = end(size_);
    else if (size_ != 0)
        ended = Ended{{}, "a frame that is cut off"};
    forget();
    return ended;
}

// A frame with a wrong checksum is nobody's: a server would not answer it either (2.5.1.2).
RequestFrames::Ended RequestFrames::end(std::size_t length) {
    const auto frame = held().first(length);
    if (crc(frame) != 0) return lose("a frame with a wrong checksum");
    size_ = 0;
    return {frame, {}};
}

}  // namespace bulkhead::passthrough::modbus
