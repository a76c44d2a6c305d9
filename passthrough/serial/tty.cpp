#include "passthrough/serial/tty.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/file.hpp"

namespace bulkhead::passthrough::serial {
namespace {

constexpr std::array<std::pair<unsigned, speed_t>, 21> speeds{{
    {1200, B1200},       {2400, B2400},       {4800, B4800},       {9600, B9600},       {19200, B19200},
    {38400, B38400},     {57600, B57600},     {115200, B115200},   {230400, B230400},   {460800, B460800},
    {500000, B500000},   {576000, B576000},   {921600, B921600},   {1000000, B1000000}, {1152000, B1152000},
    {1500000, B1500000}, {2000000, B2000000}, {2500000, B2500000}, {3000000, B3000000}, {3500000, B3500000},
    {4000000, B4000000},
}};

// Unix98 pty slaves, Documentation/admin-guide/devices.txt of Linux.
bool is_pty(const struct stat& status) {
    const unsigned number = major(status.st_rdev);
    return number >= 136 && number <= 143;
}

bool is_older(const timespec& a, const timespec& b) {
    return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

Result<struct stat> look_at(const std::string& path) {
    struct stat target{};
    struct stat link{};
    if (::stat(path.c_str(), &target) != 0 || ::lstat(path.c_str(), &link) != 0)
        return fail_errno("no device", path);
    if (!S_ISCHR(target.st_mode)) return fail(Code::invalid, "is not a serial port", path);
    if (is_pty(target) && S_ISLNK(link.st_mode) && is_older(link.st_ctim, target.st_ctim))
        return fail(Code::unavailable, "the link is older than the terminal that it leads to", path);
    return target;
}

tcflag_t control_flags(const model::SerialLine& line) {
    tcflag_t flags = CREAD | CLOCAL;
    flags |= line.data_bits == 7 ? CS7 : CS8;
    if (line.parity != 'N') flags |= PARENB;
    if (line.parity == 'O') flags |= PARODD;
    if (line.stop_bits == 2) flags |= CSTOPB;
    return flags;
}

Result<> set_line(int fd, const model::SerialLine& line, bool pty, const std::string& path) {
    termios settings{};
    if (::tcgetattr(fd, &settings) != 0) return fail(Code::invalid, "is not a serial port", path);
    ::cfmakeraw(&settings);
    constexpr tcflag_t framing = CSIZE | PARENB | PARODD | CSTOPB;
    settings.c_cflag &= ~(framing | CRTSCTS);
    // A pty has none: asked for parity alone, tcsetattr(3) would say that it could change nothing.
    settings.c_cflag |= control_flags(pty ? model::SerialLine{} : line);
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    const auto* speed = std::ranges::find(speeds, line.bits_per_second, &decltype(speeds)::value_type::first);
    if (speed == speeds.end()) return fail(Code::unsupported, "no such speed: " + to_string(line), path);
    if (::cfsetspeed(&settings, speed->second) != 0 || ::tcsetattr(fd, TCSANOW, &settings) != 0)
        return fail_errno("can't set " + to_string(line), path);
    // tcsetattr(3) succeeds if any of the settings could be made.
    termios made{};
    if (::tcgetattr(fd, &made) != 0) return fail_errno("can't read back the settings", path);
    if (!pty && (::cfgetospeed(&made) != speed->second || ((made.c_cflag ^ settings.c_cflag) & framing) != 0))
        return fail(Code::unsupported, "the port can't do " + to_string(line), path);
    return {};
}

}  // namespace

bool leads_to(const std::string& path, int fd) {
    struct stat named{};
    struct stat held{};
    return ::stat(path.c_str(), &named) == 0 && ::fstat(fd, &held) == 0 && named.st_rdev == held.st_rdev;
}

Result<Fd> open_tty(const std::string& path, const model::SerialLine& line) {
    BULKHEAD_TRY_ASSIGN(const struct stat target, look_at(path));
    BULKHEAD_TRY_ASSIGN(Fd fd, open_file(path, O_RDWR | O_NOCTTY | O_NONBLOCK));
    struct stat opened{};
    if (::fstat(fd.get(), &opened) != 0 || opened.st_rdev != target.st_rdev)
        return fail(Code::unavailable, "changed while it was opened", path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
        return fail(Code::conflict, "another program has the line", path);
    BULKHEAD_TRY(set_line(fd.get(), line, is_pty(target), path));
    // Keeps others out who do not ask for the lock. Not on a pty: there the mark outlives a killed owner, and
    // would keep the next one out too.
    if (!is_pty(target) && ::ioctl(fd.get(), TIOCEXCL) != 0)
        return fail_errno("can't have the line alone", path);
    ::tcflush(fd.get(), TCIOFLUSH);
    return fd;
}

}  // namespace bulkhead::passthrough::serial
