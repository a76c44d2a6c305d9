#include "vnet/proof/path.hpp"

#include <algorithm>
#include <deque>
#include <optional>

namespace bulkhead::vnet::proof {
namespace {

// Where a packet is, and how it came to be there.
enum class Came : std::uint8_t {
    begun,      // by an end itself: it may send whatever it can
    arrived,    // over the switch: it stays, unless a joint takes it
    passed_on,  // by a joint: it goes on as a flow of the joint's own
};
struct Place {
    Slot slot = 0;
    Came came = Came::begun;
    auto operator<=>(const Place&) const = default;
};

class Search {
  public:
    Search(const Reach& reach, const std::vector<Joint>& joints) : joints_(joints) {
        for (const Edge& edge : reach.edges) edges_[edge.from].push_back(&edge);
    }

    std::vector<Step> run(const std::set<Slot>& from, const std::set<Slot>& to) {
        for (const Slot slot : from) {
            visit({slot, Came::begun}, std::nullopt, {});
            pass_on({slot, Came::begun}, from);
        }
        while (!waiting_.empty()) {
            const Place place = waiting_.front();
            waiting_.pop_front();
            if (to.contains(place.slot) && !from.contains(place.slot)) return way_to(place);
            send(place);
        }
        return {};
    }

  private:
    struct Origin {
        std::optional<Place> before;
        Step step;
    };

    void visit(const Place& place, std::optional<Place> before, const Step& step) {
        if (seen_.emplace(place, Origin{before, step}).second) waiting_.push_back(place);
    }

    void send(const Place& place) {
        const auto edges = edges_.find(place.slot);
        if (place.came == Came::arrived || edges == edges_.end()) return;
        for (const Edge* edge : edges->second) {
            const bool begins = edge->way == Way::opens || edge->way == Way::layer2;
            if (place.came == Came::passed_on && !begins) continue;
            const Place there{edge->to, Came::arrived};
            visit(there, place, {edge->from, edge->to, edge, nullptr});
            pass_on(there, {});
        }
    }

    // `own`: an end's own ports need no passing on between them.
    void pass_on(const Place& place, const std::set<Slot>& own) {
        for (const Joint& joint : joints_) {
            if (!joint.slots.contains(place.slot)) continue;
            for (const Slot slot : joint.slots)
                if (!own.contains(slot) && (slot != place.slot || joint.turns))
                    visit({slot, Came::passed_on}, place, {place.slot, slot, nullptr, &joint});
        }
    }

    std::vector<Step> way_to(const Place& end) const {
        std::vector<Step> steps;
        for (std::optional<Place> at = end; at;) {
            const Origin& origin = seen_.at(*at);
            if (origin.before) steps.push_back(origin.step);
            at = origin.before;
        }
        std::ranges::reverse(steps);
        return steps;
    }

    const std::vector<Joint>& joints_;
    std::map<Slot, std::vector<const Edge*>> edges_;
    std::map<Place, Origin> seen_;
    std::deque<Place> waiting_;
};

void add(std::vector<Joint>& joints, Joint joint) {
    if (joint.slots.size() > 1 || (joint.turns && !joint.slots.empty())) joints.push_back(std::move(joint));
}

std::vector<Joint> partitions_in_several_zones(const Ports& ports) {
    std::map<model::PartitionName, std::set<Slot>> homes;
    for (const auto& [slot, placed] : ports)
        if (placed.port.kind == model::PortKind::tap) homes[placed.port.partition].insert(slot);
    std::vector<Joint> joints;
    for (auto& [name, slots] : homes)
        add(joints, {"partition " + name.str() + ", which has " + std::to_string(slots.size()) +
                         " interfaces and may send on what comes in on one",
                     slots});
    return joints;
}

std::vector<Joint> machines_on_one_cable(const Ports& ports) {
    std::map<std::pair<model::PortName, unsigned>, std::set<Slot>> cables;
    for (const auto& [slot, placed] : ports)
        if (placed.port.kind == model::PortKind::host)
            cables[{placed.port.wire, placed.port.vlan}].insert(slot);
    std::vector<Joint> joints;
    for (auto& [cable, slots] : cables) {
        const std::string tag = cable.second == 0 ? "" : ", VLAN " + std::to_string(cable.second);
        add(joints,
            {"the network behind " + cable.first.str() + tag + ", which joins the machines there", slots});
    }
    return joints;
}

// The networks beyond are one world. What a router gets for them, or for itself, it may send on into any zone
// that it serves.
std::vector<Joint> routers(const Ports& ports) {
    std::map<model::TenantName, std::set<Slot>> legs;
    std::set<Slot> beyond;
    for (const auto& [slot, placed] : ports) {
        if (placed.port.kind == model::PortKind::router) legs[placed.port.tenant].insert(slot);
        if (placed.port.kind == model::PortKind::outside) beyond.insert(slot);
    }
    std::vector<Joint> joints;
    for (auto& [tenant, slots] : legs) {
        slots.insert(beyond.begin(), beyond.end());
        add(joints, {"the router of tenant " + tenant.str() + " and the networks beyond it", slots, true});
    }
    if (legs.empty()) add(joints, {"the networks beyond the routers", beyond, true});
    return joints;
}

}  // namespace

std::vector<Joint> joints(const Ports& ports) {
    std::vector<Joint> all = partitions_in_several_zones(ports);
    for (auto& joint : machines_on_one_cable(ports)) all.push_back(std::move(joint));
    for (auto& joint : routers(ports)) all.push_back(std::move(joint));
    return all;
}

std::vector<Step> find_path(const Reach& reach, const std::vector<Joint>& joints, const std::set<Slot>& from,
                            const std::set<Slot>& to) {
    return Search(reach, joints).run(from, to);
}

}  // namespace bulkhead::vnet::proof
