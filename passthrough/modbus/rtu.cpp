#include "passthrough/modbus/rtu.hpp"

#include <algorithm>

#include "passthrough/modbus/crc.hpp"

namespace bulkhead::passthrough::modbus {
namespace {

using bulkhead::modbus::Exception;
using bulkhead::modbus::exception_bit;
using bulkhead::modbus::request_length;

// As a server answers (MODBUS Application Protocol Specification V1.1b3, 7).
void add_exception(std::span<const std::byte> request, Exception exception, std::vector<std::byte>& out) {
    std::vector<std::byte> answer{request[0], request[1] | exception_bit, std::byte(exception)};
    const std::uint16_t sum = crc(answer);
    answer.push_back(std::byte(sum & 0xffU));
    answer.push_back(std::byte(sum >> 8U));
    out.insert(out.end(), answer.begin(), answer.end());
}

}  // namespace

void Rtu::forget() {
    size_ = 0;
    lost_ = false;
}

void Rtu::lose(const std::string& why) {
    guard_.count_broken(why);
    size_ = 0;
    lost_ = true;
}

LineGuard::Passed Rtu::from_guest(std::span<const std::byte> bytes, Moment now) {
    Passed passed;
    for (const std::byte each : bytes) {
        if (lost_) return passed;
        if (size_ == held_.size()) {
            lose("more bytes than a frame has");
            return passed;
        }
        held_[size_++] = each;
        const auto length = request_length(held().subspan(std::min<std::size_t>(size_, 1)));
        if (!length || *length == 0 || size_ < *length + around_pdu) continue;
        end_frame(*length + around_pdu, now, passed);
    }
    return passed;
}

LineGuard::Passed Rtu::on_silence(Moment now) {
    Passed passed;
    if (size_ >= shortest_frame)
        end_frame(size_, now, passed);
    else if (size_ != 0)
        guard_.count_broken("a frame that is cut off");
    forget();
    return passed;
}

// A frame with a wrong checksum is nobody's: a server would not answer it either (2.5.1.2).
void Rtu::end_frame(std::size_t length, Moment now, Passed& passed) {
    const auto frame = held().first(length);
    if (crc(frame) != 0) {
        lose("a frame with a wrong checksum");
        return;
    }
    const auto unit = std::to_integer<std::uint8_t>(frame[0]);
    const auto exception = guard_.judge(unit, frame.subspan(1, length - around_pdu), now);
    if (!exception)
        passed.to_line.insert(passed.to_line.end(), frame.begin(), frame.end());
    else if (unit != 0)  // nobody answers a broadcast
        add_exception(frame, *exception, passed.to_guest);
    size_ = 0;
}

}  // namespace bulkhead::passthrough::modbus
