#include "passthrough/serial/turn_around.hpp"

#include <sys/ioctl.h>

#include <cerrno>

namespace bulkhead::passthrough::serial {
namespace {

constexpr __u32 levels = SER_RS485_ENABLED | SER_RS485_RTS_ON_SEND | SER_RS485_RTS_AFTER_SEND;

std::unexpected<Error> refused(const std::string& path) {
    if (errno != ENOTTY && errno != EINVAL && errno != EOPNOTSUPP)
        return fail_errno("can't have the driver turn the line around", path);
    return fail(Code::unsupported, "the port's driver can't turn an RS-485 line around (TIOCSRS485)", path,
                {}, "remove rs485 if the adapter does it by itself, or take a port whose driver can");
}

}  // namespace

serial_rs485 words_of(const model::Rs485& rs485) {
    serial_rs485 words{};
    words.flags = SER_RS485_ENABLED | (rs485.rts_on_send ? SER_RS485_RTS_ON_SEND : SER_RS485_RTS_AFTER_SEND);
    if (rs485.rx_during_tx) words.flags |= SER_RS485_RX_DURING_TX;
    words.delay_rts_before_send = static_cast<__u32>(rs485.delay_rts_before_send.count());
    words.delay_rts_after_send = static_cast<__u32>(rs485.delay_rts_after_send.count());
    return words;
}

Result<TurnAround> TurnAround::set(int fd, const model::Rs485& rs485, const std::string& path) {
    serial_rs485 former{};
    if (::ioctl(fd, TIOCGRS485, &former) != 0) return refused(path);
    const serial_rs485 wanted = words_of(rs485);
    serial_rs485 made = wanted;
    if (::ioctl(fd, TIOCSRS485, &made) != 0) return refused(path);
    // A driver may change what it can't do, and says so only here.
    if (((made.flags ^ wanted.flags) & levels) != 0 ||
        made.delay_rts_before_send != wanted.delay_rts_before_send ||
        made.delay_rts_after_send != wanted.delay_rts_after_send) {
        TurnAround(former).give_back(fd);
        return fail(Code::unsupported, "the port's driver takes other RS-485 settings only", path, {},
                    "without delays, or with RTS high while sending, it may");
    }
    return TurnAround(former);
}

void TurnAround::give_back(int fd) const {
    serial_rs485 words = former_;
    // If that fails the terminal is gone, and its settings with it.
    [[maybe_unused]] const int done = ::ioctl(fd, TIOCSRS485, &words);
}

}  // namespace bulkhead::passthrough::serial
