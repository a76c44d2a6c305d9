// SLCAN (Lawicel's protocol) between a guest and its CAN adapter, command by command: which frames go on the
// bus, which are heard from it, and which settings of the adapter are nobody's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/can.hpp"
#include "passthrough/can/judge.hpp"
#include "passthrough/line_guard.hpp"

namespace bulkhead::passthrough::slcan {

// T, eight digits of an identifier, one of the length, sixteen of data, four of a time, CR.
inline constexpr std::size_t longest_command = 31;

class Guard final : public LineGuard {
  public:
    // `bitrate` is the bus's, in bits per second: no other may be set.
    Guard(model::CanGuard allowed, unsigned bitrate);

    Passed from_guest(std::span<const std::byte> bytes, Moment now) override;
    bool hears_all() const override { return false; }
    std::vector<std::byte> from_line(std::span<const std::byte> bytes) override;
    void set_receive_only(bool receive_only) override;
    void forget() override;
    const GuardCounts& counts() const override { return counts_; }

  private:
    // One command as it comes, up to its CR.
    struct Pending {
        std::array<char, longest_command> text{};
        std::size_t size = 0;
        bool too_long = false;
        std::string_view view() const { return {text.data(), size}; }
        void clear();
        // Whether this byte, which is not CR, is part of a command that may still be one.
        void add(char byte);
    };

    // What goes on in the command's place; nothing: it is refused.
    std::optional<std::string> judge(std::string_view command, Moment now);
    std::optional<std::string> judge_frame(std::string_view command, Moment now);
    bool is_heard(std::string_view answer) const;

    can::Judge judge_;
    const char bitrate_;  // digit of S; 0: none has it
    Pending from_guest_;
    Pending from_line_;
    GuardCounts counts_;
};

}  // namespace bulkhead::passthrough::slcan
