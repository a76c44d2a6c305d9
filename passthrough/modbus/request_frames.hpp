// Requests of Modbus RTU out of a client's bytes, however they come (MODBUS over Serial Line V1.02, 2.5.1).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "modbus/request.hpp"

namespace bulkhead::passthrough::modbus {

inline constexpr std::size_t around_pdu = 3;                   // unit before, checksum behind
inline constexpr std::size_t shortest_frame = 1 + around_pdu;  // with a function code
inline constexpr std::size_t longest_frame = bulkhead::modbus::longest_pdu + around_pdu;

// Frames end with 3.5 characters of silence (2.5.1.1). A guest's bytes come over an emulated UART and a
// socket, with pauses of that size within a frame; this long there are none.
inline constexpr std::chrono::milliseconds frame_silence{50};

class RequestFrames {
  public:
    // What has ended: a whole frame with a right checksum, valid until the next call; or why there is none.
    struct Ended {
        std::span<const std::byte> frame;
        std::string_view broken;
    };

    // Takes from `bytes` what it needs until something ends; nothing: all is taken.
    std::optional<Ended> next(std::span<const std::byte>& bytes);
    // To be called when the client said nothing for frame_silence while one waits for that: some requests end
    // with silence alone, and after what is broken only silence tells where frames begin.
    std::optional<Ended> on_silence();
    bool waits_for_silence() const { return size_ != 0 || lost_; }
    // Another client, or the same one anew.
    void forget();

  private:
    std::span<const std::byte> held() const { return std::span(held_).first(size_); }
    Ended end(std::size_t length);
    Ended lose(std::string_view why);

    std::array<std::byte, longest_frame> held_{};
    std::size_t size_ = 0;
    bool lost_ = false;
};

}  // namespace bulkhead::passthrough::modbus
