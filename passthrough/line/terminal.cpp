#include "passthrough/line/terminal.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <array>

#include "base/file.hpp"

namespace bulkhead::passthrough::line {

Result<Terminal> Terminal::open(const std::filesystem::path& link) {
    Fd end(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    std::array<char, 64> name{};
    if (!end || ::grantpt(end.get()) != 0 || ::unlockpt(end.get()) != 0 ||
        ::ptsname_r(end.get(), name.data(), name.size()) != 0)
        return fail_errno("can't make a terminal", link.string());
    // Settings of this end are those of the other. As it is made it would echo.
    termios settings{};
    if (::tcgetattr(end.get(), &settings) != 0) return fail_errno("can't read a terminal's settings");
    ::cfmakeraw(&settings);
    if (::tcsetattr(end.get(), TCSANOW, &settings) != 0) return fail_errno("can't set a terminal");
    const std::filesystem::path beside = link.string() + ".new";
    BULKHEAD_TRY(remove_file(beside));
    if (::symlink(name.data(), beside.c_str()) != 0 || ::rename(beside.c_str(), link.c_str()) != 0)
        return fail_errno("can't make the link", link.string());
    return Terminal(std::move(end), link);
}

Terminal::~Terminal() {
    // If that fails nothing is worse: it leads to a terminal that is gone.
    if (end_) [[maybe_unused]]
        const int removed = ::unlink(link_.c_str());
}

}  // namespace bulkhead::passthrough::line
