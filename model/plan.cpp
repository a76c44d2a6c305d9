#include "model/plan.hpp"

namespace bulkhead::model {
namespace {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};

std::string rules_text(const std::set<Rule>& rules) {
    std::string text;
    for (const auto& rule : rules) text += (text.empty() ? "" : ", ") + to_string(rule.service);
    return text;
}

struct ActionWords {
    std::string_view verb;
    std::string_view kind;
};

ActionWords words(const Action& action) {
    return std::visit(Overloaded{
                          [](const CreateVolume&) { return ActionWords{"create", "volume"}; },
                          [](const DeleteVolume&) { return ActionWords{"delete", "volume"}; },
                          [](const CreatePort&) { return ActionWords{"create", "port"}; },
                          [](const DeletePort&) { return ActionWords{"delete", "port"}; },
                          [](const OpenConduit&) { return ActionWords{"open", "conduit"}; },
                          [](const CloseConduit&) { return ActionWords{"close", "conduit"}; },
                          [](const AssignDevice&) { return ActionWords{"assign", "device"}; },
                          [](const ReleaseDevice&) { return ActionWords{"release", "device"}; },
                          [](const DefineMachine&) { return ActionWords{"define", "partition"}; },
                          [](const UndefineMachine&) { return ActionWords{"undefine", "partition"}; },
                          [](const StartMachine&) { return ActionWords{"start", "partition"}; },
                          [](const StopMachine&) { return ActionWords{"stop", "partition"}; },
                          [](const CreateRouter&) { return ActionWords{"create", "router"}; },
                          [](const DeleteRouter&) { return ActionWords{"delete", "router"}; },
                          [](const CreateGuard&) { return ActionWords{"create", "guard"}; },
                          [](const DeleteGuard&) { return ActionWords{"delete", "guard"}; },
                      },
                      action);
}

}  // namespace

std::string_view to_string(Disruption disruption) {
    switch (disruption) {
        case Disruption::none:
            return "none";
        case Disruption::live:
            return "live";
        case Disruption::restart:
            return "restart";
        case Disruption::detach:
            return "detach";
    }
    return "?";
}

std::string_view verb(const Action& action) {
    return words(action).verb;
}
std::string_view kind(const Action& action) {
    return words(action).kind;
}

std::string subject(const Action& action) {
    return std::visit(Overloaded{
                          [](const CreateVolume& a) { return a.disk.id.str(); },
                          [](const DeleteVolume& a) { return a.id.str(); },
                          [](const CreatePort& a) {
                              return a.port.partition.empty()
                                         ? a.port.name.str()
                                         : a.port.partition.str() + "/eth" + std::to_string(a.port.index);
                          },
                          [](const DeletePort& a) { return a.port.str(); },
                          [](const OpenConduit& a) { return a.conduit.str(); },
                          [](const CloseConduit& a) { return a.conduit.str(); },
                          [](const AssignDevice& a) { return a.assignment.device.str(); },
                          [](const ReleaseDevice& a) { return a.device.str(); },
                          [](const DefineMachine& a) { return a.machine.name.str(); },
                          [](const CreateRouter& a) { return a.router.tenant.str(); },
                          [](const DeleteRouter& a) { return a.tenant.str(); },
                          [](const CreateGuard& a) { return a.guard.tenant.str(); },
                          [](const DeleteGuard& a) { return a.tenant.str(); },
                          [](const auto& a) { return a.partition.str(); },
                      },
                      action);
}

std::string detail(const Action& action) {
    return std::visit(
        Overloaded{
            [](const CreateVolume& a) { return to_string(a.disk.size); },
            [](const CreatePort& a) {
                return a.port.zone.str() + " " + to_string(a.port.address) + " " + to_string(a.port.mac);
            },
            [](const OpenConduit& a) { return rules_text(a.rules); },
            [](const CloseConduit& a) { return rules_text(a.rules); },
            [](const AssignDevice& a) {
                const auto& of = a.assignment;
                return "to " + of.partition.str() + ", " + of.at +
                       (of.kind == DeviceKind::serial ? ", " + to_string(of.line) : "");
            },
            [](const ReleaseDevice& a) { return "from " + a.partition.str(); },
            [](const DefineMachine& a) {
                return std::to_string(a.machine.cpus) + " cpu, " + to_string(a.machine.memory) + ", " +
                       a.machine.image.name.str();
            },
            [](const CreateRouter& a) {
                return std::to_string(a.router.legs.size()) + " zones, " +
                       std::to_string(a.router.uplinks.size()) + " uplinks";
            },
            [](const CreateGuard& a) { return std::to_string(a.guard.conduits.size()) + " conduits"; },
            [](const auto&) { return std::string(); },
        },
        action);
}

}  // namespace bulkhead::model
