#include "passthrough/slcan/guard.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace bulkhead::passthrough::slcan {
namespace {

constexpr char end_of_command = '\r';
constexpr char refused = '\a';
// S0 to S8.
constexpr std::array<unsigned, 9> bitrates{10'000,  20'000,  50'000,  100'000,  125'000,
                                           250'000, 500'000, 800'000, 1'000'000};

bool is_hex(std::string_view text) {
    return text.find_first_not_of("0123456789ABCDEFabcdef") == std::string_view::npos;
}

std::uint32_t number(std::string_view hex) {
    std::uint32_t value = 0;
    std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
    return value;
}

bool is_frame(std::string_view command) {
    return !command.empty() && std::string_view("tTrR").find(command[0]) != std::string_view::npos;
}

// t, T: data; r, R: a request for it, without any. `time`: adapters may add when a frame came.
std::optional<can::FrameId> parse_frame(std::string_view command, bool time) {
    const bool extended = command[0] == 'T' || command[0] == 'R';
    const bool remote = command[0] == 'r' || command[0] == 'R';
    const std::size_t digits = extended ? 8 : 3;
    if (command.size() < digits + 2 || !is_hex(command.substr(1))) return std::nullopt;
    const std::uint32_t length = number(command.substr(1 + digits, 1));
    const std::size_t whole = 2 + digits + (remote ? 0 : 2 * length);
    const bool right = command.size() == whole || (time && command.size() == whole + 4);
    const std::uint32_t id = number(command.substr(1, digits));
    if (length > 8 || !right || id > (extended ? model::longest_extended_id : model::longest_standard_id))
        return std::nullopt;
    return can::FrameId{id, extended};
}

char digit_of(unsigned bitrate) {
    const auto found = std::ranges::find(bitrates, bitrate);
    return found == bitrates.end() ? '\0' : static_cast<char>('0' + (found - bitrates.begin()));
}

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

void add(std::vector<std::byte>& out, std::string_view text) {
    const auto bytes = bytes_of(text);
    out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

Guard::Guard(model::CanGuard allowed, unsigned bitrate)
    : judge_(std::move(allowed)), bitrate_(digit_of(bitrate)) {
}

void Guard::Pending::clear() {
    size = 0;
    too_long = false;
}

void Guard::Pending::add(char byte) {
    if (size == text.size())
        too_long = true;
    else
        text[size++] = byte;
}

// A channel that is open stays as it was opened: what the guest sends there is refused, frame by frame.
void Guard::set_receive_only(bool receive_only) {
    judge_.set_gate(receive_only ? Gate::receive_only : Gate::open);
}

void Guard::forget() {
    from_guest_.clear();
    from_line_.clear();
}

LineGuard::Passed Guard::from_guest(std::span<const std::byte> bytes, Moment now) {
    Passed passed;
    for (const std::byte each : bytes) {
        const char byte = std::to_integer<char>(each);
        if (byte != end_of_command) {
            from_guest_.add(byte);
            continue;
        }
        const auto command = from_guest_.view();
        const auto goes_on = from_guest_.too_long ? std::nullopt : judge(command, now);
        if (from_guest_.too_long) {
            ++counts_.broken;
            counts_.last = "a command that does not end";
        }
        if (goes_on)
            add(passed.to_line, *goes_on + end_of_command);
        else
            add(passed.to_guest, std::string_view(&refused, 1));
        from_guest_.clear();
    }
    return passed;
}

// Lawicel AB, CANUSB manual: what opens, closes, asks. A listener's channel opens by L, whatever the guest
// says: then the adapter does not even acknowledge. Settings that the adapter keeps (U, Q, W), other bit
// rates (s) and filters of its own (M, m), which would hide frames from the counts here, are refused.
std::optional<std::string> Guard::judge(std::string_view command, Moment now) {
    if (command.empty()) return "";
    if (is_frame(command)) return judge_frame(command, now);
    const bool alone = command.size() == 1;
    if (alone && command[0] == 'O') return judge_.allowed().is_receive_only() ? "L" : "O";
    if (alone && std::string_view("CLVNFA").find(command[0]) != std::string_view::npos)
        return std::string(command);
    if (command.size() == 2 && command[0] == 'S' && command[1] == bitrate_) return std::string(command);
    if (command == "Z0") return std::string(command);
    ++counts_.refused;
    counts_.last = "the command " + printable(command, longest_command) + ": no setting of a guest's";
    return std::nullopt;
}

std::optional<std::string> Guard::judge_frame(std::string_view command, Moment now) {
    const auto frame = parse_frame(command, false);
    if (!frame) {
        ++counts_.broken;
        counts_.last = "no frame: " + printable(command, longest_command);
        return std::nullopt;
    }
    const auto verdict = judge_.send(*frame, now);
    if (verdict == can::Judge::Verdict::passes) {
        ++counts_.passed;
        return std::string(command);
    }
    ++counts_.refused;
    counts_.last = words(*frame, verdict);
    return std::nullopt;
}

bool Guard::is_heard(std::string_view answer) const {
    if (!is_frame(answer)) return true;  // what the adapter says of itself
    const auto frame = parse_frame(answer, true);
    return frame && judge_.hears(*frame);
}

// An answer ends with CR, or is BELL alone.
std::vector<std::byte> Guard::from_line(std::span<const std::byte> bytes) {
    std::vector<std::byte> heard;
    for (const std::byte each : bytes) {
        const char byte = std::to_integer<char>(each);
        if (byte == refused) {
            heard.push_back(each);
        } else if (byte != end_of_command) {
            from_line_.add(byte);
        } else {
            if (!from_line_.too_long && is_heard(from_line_.view())) {
                add(heard, from_line_.view());
                heard.push_back(each);
            }
            from_line_.clear();
        }
    }
    return heard;
}

}  // namespace bulkhead::passthrough::slcan
