#include "examples/simulators/pty.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/file.hpp"

namespace bulkhead::simulators {

Result<Pty> Pty::open(const std::filesystem::path& link) {
    Fd end(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    std::array<char, 64> name{};
    if (!end || ::grantpt(end.get()) != 0 || ::unlockpt(end.get()) != 0 ||
        ::ptsname_r(end.get(), name.data(), name.size()) != 0)
        return fail_errno("can't make a pseudo-terminal");
    BULKHEAD_TRY_ASSIGN(Fd line, open_file(name.data(), O_RDWR | O_NOCTTY | O_NONBLOCK));
    // Without this the line would echo our own answers back to us.
    termios settings{};
    if (::tcgetattr(line.get(), &settings) != 0) return fail_errno("can't read the line's settings");
    ::cfmakeraw(&settings);
    ::cfsetspeed(&settings, B9600);
    if (::tcsetattr(line.get(), TCSANOW, &settings) != 0) return fail_errno("can't set the line");

    std::error_code error;
    std::filesystem::create_directories(link.parent_path(), error);
    const std::filesystem::path beside = link.string() + ".new";
    BULKHEAD_TRY(remove_file(beside));
    if (::symlink(name.data(), beside.c_str()) != 0 || ::rename(beside.c_str(), link.c_str()) != 0)
        return fail_errno("can't make the link", link.string());
    return Pty(std::move(end), std::move(line), name.data(), link);
}

Pty::~Pty() {
    std::error_code error;
    if (end_ && std::filesystem::read_symlink(link_, error) == name_) std::filesystem::remove(link_, error);
}

}  // namespace bulkhead::simulators
