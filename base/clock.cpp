#include "base/clock.hpp"

#include <fstream>

#include <array>
#include <cstdio>
#include <ctime>

namespace bulkhead {

MonotonicTime SystemClock::monotonic() const {
    return std::chrono::steady_clock::now();
}

UtcTime SystemClock::utc() const {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string rfc3339(UtcTime time) {
    const auto since_epoch = time.time_since_epoch().count();
    const std::time_t seconds = static_cast<std::time_t>(since_epoch >= 0 ? since_epoch / 1000 : 0);
    const int milliseconds = static_cast<int>(since_epoch >= 0 ? since_epoch % 1000 : 0);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    const int length = std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                                     parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                                     parts.tm_min, parts.tm_sec, milliseconds);
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string boot_id() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    std::getline(file, id);
    return id;
}

}  // namespace bulkhead
