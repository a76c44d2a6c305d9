// Brings CAN controllers up for the devices that are ports on their buses, makes these ports, and gives both
// back. What is ours is marked in the kernel, with the interface itself: a mark can't outlive it, nor be
// forgotten by a manager that died.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "passthrough/can/links.hpp"
#include "passthrough/inventory/tree.hpp"

namespace bulkhead::passthrough::can {

// How a bus is to be worked.
struct Working {
    unsigned bitrate = 0;  // bits per second
    bool listens = false;  // nobody may send there
    bool operator==(const Working&) const = default;
};

class BusCare {
  public:
    // `owner` tells managers on one host apart.
    BusCare(Links& links, const std::string& owner, inventory::Tree tree = inventory::Tree());

    // A virtual interface that is a guest's end of its port; up. Idempotent, as all below.
    Result<> make_port(const std::string& name);
    Result<bool> has_port(const std::string& name);
    Result<> remove_port(const std::string& name);

    // A bus without its controller is fine: it may come. Code::refused if somebody else works it at another
    // rate.
    Result<> bring_up(const std::string& place, const Working& wanted);
    // Likewise; there, it is up as wanted.
    Result<bool> is_up(const std::string& place, const Working& wanted);
    // All that we brought up and that is none of these places: down, as it was found.
    Result<> give_back_all_but(const std::set<std::string>& places);

  private:
    // The interface that the place has now.
    Result<std::optional<Link>> find(const std::string& place);
    Result<> set(Link link, const Working& wanted);
    bool is_ours(const Link& link) const;

    Links& links_;
    const std::string mark_;
    const inventory::Tree tree_;
};

}  // namespace bulkhead::passthrough::can
