// Time is passed in, so that tests own it.
#pragma once

#include <chrono>
#include <string>

namespace bulkhead {

using MonotonicTime = std::chrono::steady_clock::time_point;
using UtcTime = std::chrono::sys_time<std::chrono::milliseconds>;

class Clock {
  public:
    virtual ~Clock() = default;
    virtual MonotonicTime monotonic() const = 0;
    virtual UtcTime utc() const = 0;
};

class SystemClock final : public Clock {
  public:
    MonotonicTime monotonic() const override;
    UtcTime utc() const override;
};

// RFC 3339 with milliseconds: 2031-05-04T12:00:00.000Z.
std::string rfc3339(UtcTime time);

// The kernel's identifier of this boot of this machine (a UUID).
std::string boot_id();

}  // namespace bulkhead
