#include "passthrough/can/bus_care.hpp"

#include "base/log.hpp"
#include "passthrough/inventory/network.hpp"

namespace bulkhead::passthrough::can {
namespace {

// After a bus-off: as soon as the bus has had time to fall quiet, and rarely enough that a controller that is
// broken does not keep others from talking.
constexpr unsigned restart_after = 1000;  // milliseconds

bool is_controller(const Link& link) {
    return link.kind == "can";
}

}  // namespace

BusCare::BusCare(Links& links, const std::string& owner, inventory::Tree tree)
    : links_(links), mark_(std::string(inventory::can_mark) + ":" + owner), tree_(std::move(tree)) {
}

// What stands behind the mark is the alias that was there before.
bool BusCare::is_ours(const Link& link) const {
    return link.alias == mark_ || link.alias.starts_with(mark_ + " ");
}

Result<> BusCare::make_port(const std::string& name) {
    BULKHEAD_TRY_ASSIGN(auto link, links_.find(name));
    if (!link) {
        BULKHEAD_TRY(links_.make_virtual(name));
        BULKHEAD_TRY_ASSIGN(link, links_.find(name));
        if (!link) return fail(Code::io, "the interface that was made is not there", name);
        BULKHEAD_TRY(links_.set_alias(*link, mark_));
    } else if (!link->alias.empty() && !is_ours(*link)) {
        return fail(Code::conflict, "an interface of somebody else has its name", name, {},
                    "ip link delete " + name);
    }
    return link->up ? Result<>() : links_.set_up(*link, true);
}

Result<bool> BusCare::has_port(const std::string& name) {
    BULKHEAD_TRY_ASSIGN(const auto link, links_.find(name));
    return link && link->up;
}

Result<> BusCare::remove_port(const std::string& name) {
    BULKHEAD_TRY_ASSIGN(const auto link, links_.find(name));
    // Without an alias: made, and not yet marked.
    if (!link || (!link->alias.empty() && !is_ours(*link))) return {};
    return links_.remove(*link);
}

Result<std::optional<Link>> BusCare::find(const std::string& place) {
    const auto interface = inventory::can_interface_at(tree_, place);
    if (interface.empty()) return std::optional<Link>();
    return links_.find(interface);
}

Result<> BusCare::set(Link link, const Working& wanted) {
    if (link.up) BULKHEAD_TRY(links_.set_up(link, false));
    if (is_controller(link)) {
        auto set = links_.set_bits(link, wanted.bitrate, wanted.listens);
        if (!set && set.error().code == Code::unsupported && wanted.listens) {
            // The guard lets nothing be sent in any case.
            log::warning("a CAN controller can't listen only: it acknowledges what others send",
                         {{"interface", link.name}});
            set = links_.set_bits(link, wanted.bitrate, false);
        }
        BULKHEAD_TRY(std::move(set));
        if (const auto restarts = links_.set_restart(link, restart_after); !restarts)
            log::warning("a CAN controller does not come back by itself after bus-off",
                         {{"interface", link.name}, {"error", restarts.error().text()}});
    }
    return links_.set_up(link, true);
}

Result<> BusCare::bring_up(const std::string& place, const Working& wanted) {
    BULKHEAD_TRY_ASSIGN(auto link, find(place));
    if (!link) return {};
    const bool right = !is_controller(*link) || link->bitrate == wanted.bitrate;
    if (link->up && !is_ours(*link)) {
        if (right) return {};
        return fail(Code::refused,
                    link->name + " is up at " + std::to_string(link->bitrate) +
                        " bit/s, and it was not us who brought it up",
                    place, std::to_string(wanted.bitrate) + " bit/s, or that it is down",
                    "ip link set " + link->name + " down");
    }
    if (link->up && right && (link->listens == wanted.listens || !is_controller(*link))) return {};
    // Before anything changes, so that whoever comes after a crash knows what to give back.
    if (!is_ours(*link))
        BULKHEAD_TRY(links_.set_alias(*link, mark_ + (link->alias.empty() ? "" : " " + link->alias)));
    return set(*link, wanted);
}

Result<bool> BusCare::is_up(const std::string& place, const Working& wanted) {
    BULKHEAD_TRY_ASSIGN(const auto link, find(place));
    if (!link) return true;
    if (!link->up) return false;
    if (!is_controller(*link)) return true;
    return link->bitrate == wanted.bitrate && (!is_ours(*link) || wanted.listens || !link->listens);
}

Result<> BusCare::give_back_all_but(const std::set<std::string>& places) {
    for (const auto& device : inventory::can_interfaces(tree_)) {
        if (places.contains(device.at)) continue;
        BULKHEAD_TRY_ASSIGN(const auto link, links_.find(device.node));
        if (!link || !is_ours(*link)) continue;
        if (link->up) BULKHEAD_TRY(links_.set_up(*link, false));
        const auto former = link->alias.size() > mark_.size() ? link->alias.substr(mark_.size() + 1) : "";
        BULKHEAD_TRY(links_.set_alias(*link, former));
    }
    return {};
}

}  // namespace bulkhead::passthrough::can
