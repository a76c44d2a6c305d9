// CAN interfaces of this network namespace: what they are, and how they are set up (linux/can/netlink.h).
#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"

namespace bulkhead::passthrough::can {

struct Link {
    unsigned index = 0;
    std::string name;
    std::string kind;   // can: a controller; vcan and others: virtual, without bit timing
    std::string alias;  // a free text that the kernel keeps with the interface
    bool up = false;
    unsigned bitrate = 0;  // bits per second; 0: none set so far
    bool listens = false;  // to listen only: it acknowledges nothing
    bool operator==(const Link&) const = default;
};

class Links {
  public:
    Links() = default;
    virtual ~Links() = default;
    Links(const Links&) = delete;
    Links& operator=(const Links&) = delete;

    virtual Result<std::optional<Link>> find(const std::string& name) = 0;
    // Virtual, of frames of up to eight bytes; down.
    virtual Result<> make_virtual(const std::string& name) = 0;
    virtual Result<> remove(const Link& link) = 0;
    virtual Result<> set_up(const Link& link, bool up) = 0;
    virtual Result<> set_alias(const Link& link, const std::string& alias) = 0;
    // Of a controller that is down. Code::unsupported if it can't listen only.
    virtual Result<> set_bits(const Link& link, unsigned bitrate, bool listens) = 0;
    // That it goes on by itself after it was bus-off, and when. Of a controller that is down.
    virtual Result<> set_restart(const Link& link, unsigned milliseconds) = 0;
};

// Those of the kernel.
class KernelLinks final : public Links {
  public:
    Result<std::optional<Link>> find(const std::string& name) override;
    Result<> make_virtual(const std::string& name) override;
    Result<> remove(const Link& link) override;
    Result<> set_up(const Link& link, bool up) override;
    Result<> set_alias(const Link& link, const std::string& alias) override;
    Result<> set_bits(const Link& link, unsigned bitrate, bool listens) override;
    Result<> set_restart(const Link& link, unsigned milliseconds) override;
};

}  // namespace bulkhead::passthrough::can
