#include "partition-manager/daemon/proof.hpp"

#include <algorithm>

#include "bulkhead/v1alpha1/api_version.hpp"
#include "partition-manager/daemon/conduits_in_force.hpp"
#include "partition-manager/plan/render.hpp"
#include "vnet/proof/agreement.hpp"
#include "vnet/proof/intent.hpp"

namespace bulkhead::daemon {
namespace {

using vnet::proof::Edge;
using vnet::proof::Joint;
using vnet::proof::Reach;
using vnet::proof::Way;
using Slots = std::set<vnet::Slot>;

std::string way_name(Way way) {
    switch (way) {
        case Way::opens:
            return "opens";
        case Way::answers:
            return "answers";
        case Way::housekeeping:
            return "housekeeping";
        case Way::layer2:
            break;
    }
    return "layer2";
}

class Prover {
  public:
    Prover(const SwitchSources& sources, const model::Spec& spec, const vnet::Sight& sight)
        : spec_(spec),
          sight_(sight),
          ends_(spec),
          conduits_(spec, sources),
          reach_(vnet::proof::reach(sight.there)),
          joints_(vnet::proof::joints(sight.ports)) {}

    Result<v1alpha1::Proof> no_path(const std::string& from, const std::string& to) {
        BULKHEAD_TRY_ASSIGN(const Slots here, slots_called(from));
        BULKHEAD_TRY_ASSIGN(const Slots there, slots_called(to));
        doubt_the_state();
        for (const auto& step : find_path(reach_, joints_, here, there)) add_hop(step);
        return finished();
    }

    Result<v1alpha1::Proof> all() {
        doubt_the_state();
        std::set<model::Rule> meant;
        for (const auto& [rule, conduit] : plan::rules_of(spec_)) meant.insert(rule);
        for (const Edge* edge : vnet::proof::unmeant(reach_, sight_.ports, meant)) {
            if (proof_.counterexample_size() == 0)
                add_hop({edge->from, edge->to, edge, nullptr});
            else
                doubt("way " + name_of(edge->from) + " > " + name_of(edge->to),
                      way_name(edge->way) + " that no conduit allows: " + words_of(*edge));
        }
        for (const auto& rule : vnet::proof::unmet(reach_, sight_.ports, meant))
            doubt("conduit " + conduits_.of(rule.conduit).name, rule_text(rule, ends_) + ": nothing passes");
        for (const auto& [port, end] : ends_.all())
            if (std::ranges::none_of(sight_.ports,
                                     [&](const auto& each) { return each.second.port.name == port; }))
                doubt("port " + port.str(),
                      "it is not there, and so nothing that the spec allows " + end.name);
        for (const Joint& joint : joints_) proof_.add_notes("beyond the switch: " + joint.what);
        count_pairs();
        return finished();
    }

  private:
    Result<Slots> slots_called(const std::string& name) const {
        BULKHEAD_TRY_ASSIGN(const auto ports, ends_.called(name));
        Slots slots;
        for (const auto& [slot, placed] : sight_.ports)
            if (ports.contains(placed.port.name)) slots.insert(slot);
        if (slots.empty())
            return fail(Code::unavailable, "'" + name + "' has no port in the kernel now", {}, {},
                        "bulkhead status says why");
        return slots;
    }

    void doubt(std::string subject, std::string what) {
        auto& item = *proof_.add_doubts();
        item.set_subject(std::move(subject));
        item.set_what(std::move(what));
    }

    // What would make a proof over these tables one about something else.
    void doubt_the_state() {
        for (const auto& [port, flaw] : sight_.flaws) doubt("port " + port.str(), flaw);
        for (const auto& finding : vnet::proof::differences(sight_.wanted, sight_.there))
            doubt("map " + finding.table, finding.what);
        for (const auto& finding : vnet::proof::disagreements(sight_.there))
            doubt("map " + finding.table, finding.what);
        for (const Edge& edge : reach_.contradictions)
            doubt("way " + name_of(edge.from) + " > " + name_of(edge.to),
                  "the second check refuses what the first lets pass: " + words_of(edge));
    }

    std::string name_of(vnet::Slot slot) const {
        const auto found = sight_.ports.find(slot);
        return found == sight_.ports.end() ? "slot " + std::to_string(slot)
                                           : ends_.of(found->second.port.name).name;
    }

    static std::string words_of(const Edge& edge) {
        return edge.witnesses.empty() ? std::string() : edge.witnesses.back().words();
    }

    void add_hop(const vnet::proof::Step& step) {
        auto& hop = *proof_.add_counterexample();
        hop.set_from(name_of(step.from));
        hop.set_to(name_of(step.to));
        if (step.joint != nullptr) {
            hop.set_way("passes on");
            hop.set_frame(step.joint->what);
            return;
        }
        hop.set_way(way_name(step.edge->way));
        hop.set_rule(step.edge->rule);
        if (const auto rule = sight_.rules.find(step.edge->rule); rule != sight_.rules.end()) {
            const auto conduit = conduits_.of(rule->second.conduit);
            hop.set_conduit(conduit.name);
            hop.set_place(conduit.place);
            if (!rule->second.via.empty()) hop.set_via(ends_.of(rule->second.via).tenant.str());
        }
        if (step.edge->witnesses.empty()) return;
        const auto& witness = step.edge->witnesses.back();
        hop.set_frame(witness.words());
        hop.set_packet(std::string(witness.frame.begin(), witness.frame.end()));
        for (const auto& [slot, placed] : sight_.ports)
            if (placed.ifindex == witness.ifindex && placed.port.kind != model::PortKind::host)
                hop.set_interface(placed.port.name.str());
    }

    void count_pairs() {
        std::set<std::string> names;
        for (const auto& [slot, placed] : sight_.ports)
            if (placed.port.kind != model::PortKind::wire && placed.port.kind != model::PortKind::mirror &&
                placed.port.kind != model::PortKind::guard)
                names.insert(name_of(slot));
        std::set<std::pair<std::string, std::string>> joined;
        for (const Edge& edge : reach_.edges) joined.insert({name_of(edge.from), name_of(edge.to)});
        proof_.set_joined(joined.size());
        proof_.set_pairs(names.size() * (names.empty() ? 0 : names.size() - 1) - joined.size());
    }

    v1alpha1::Proof finished() {
        proof_.set_apiversion(v1alpha1::api_version);
        proof_.set_gateway(spec_.gateway.str());
        proof_.set_cases(reach_.atoms);
        proof_.set_ports(static_cast<std::uint32_t>(sight_.ports.size()));
        proof_.set_rules(static_cast<std::uint32_t>(sight_.rules.size()));
        std::set<std::uint32_t> conduits;
        for (const auto& [number, rule] : sight_.rules) conduits.insert(rule.conduit);
        proof_.set_conduits(static_cast<std::uint32_t>(conduits.size()));
        proof_.set_proved(proof_.counterexample_size() == 0 && proof_.doubts_size() == 0);
        return std::move(proof_);
    }

    const model::Spec& spec_;
    const vnet::Sight& sight_;
    const Ends ends_;
    const ConduitsInForce conduits_;
    const Reach reach_;
    const std::vector<Joint> joints_;
    v1alpha1::Proof proof_;
};

}  // namespace

Result<v1alpha1::Proof> prove(const SwitchSources& sources, const v1alpha1::ProveRequest& request) {
    const auto begun = sources.clock.monotonic();
    const auto snapshot = sources.board.current();
    if (!snapshot->spec)
        return fail(Code::not_found, "there is no spec in force to prove anything about", {}, {},
                    "bulkhead apply -f FILE");
    if (!request.all() && (request.from().empty() || request.to().empty()))
        return fail(Code::invalid, "an end is missing", {}, "two ends, or all of them");
    BULKHEAD_TRY_ASSIGN(const auto sight, sources.sight());
    Prover prover(sources, *snapshot->spec, sight);
    BULKHEAD_TRY_ASSIGN(auto proof,
                        request.all() ? prover.all() : prover.no_path(request.from(), request.to()));
    proof.set_milliseconds(
        std::chrono::duration<double, std::milli>(sources.clock.monotonic() - begun).count());
    return proof;
}

}  // namespace bulkhead::daemon
