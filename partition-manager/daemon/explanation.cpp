#include "partition-manager/daemon/explanation.hpp"

#include <algorithm>

#include "base/units.hpp"
#include "bulkhead/v1alpha1/api_version.hpp"
#include "partition-manager/daemon/conduits_in_force.hpp"
#include "vnet/explain/drop_name.hpp"
#include "vnet/explain/rates.hpp"
#include "vnet/explain/words.hpp"

namespace bulkhead::daemon {
namespace {

using vnet::explain::Decision;
using vnet::explain::Verdict;

constexpr int most_frames = 1000;
constexpr std::size_t most_bytes = 1024 * 1024;

std::string verdict_name(Verdict verdict) {
    switch (verdict) {
        case Verdict::passes:
            return "passes";
        case Verdict::answered:
            return "answered";
        case Verdict::absorbed:
            return "absorbed";
        case Verdict::dropped:
            break;
    }
    return "dropped";
}

std::string state_name(std::uint8_t state) {
    constexpr std::array<const char*, 4> names{"opening", "established", "closing", "closed"};
    return state < names.size() ? names[state] : "unknown";
}

const vnet::PlacedPort* port_at(const vnet::Sight& sight, vnet::Slot slot) {
    const auto found = sight.ports.find(slot);
    return found == sight.ports.end() ? nullptr : &found->second;
}

std::string interface_at(const vnet::Sight& sight, std::uint32_t ifindex) {
    for (const auto& [slot, placed] : sight.ports)
        if (ifindex != 0 && placed.ifindex == ifindex && placed.port.kind != model::PortKind::host)
            return placed.port.name.str();
    return {};
}

Result<std::vector<vnet::Frame>> frames_of(const v1alpha1::ExplainRequest& request, const vnet::Sight& sight,
                                           const model::PortName& port) {
    std::vector<vnet::Frame> frames;
    std::size_t bytes = 0;
    for (const auto& frame : request.frames()) {
        frames.emplace_back(frame.begin(), frame.end());
        bytes += frame.size();
    }
    if (request.frames_size() > most_frames || bytes > most_bytes)
        return fail(Code::invalid,
                    std::to_string(frames.size()) + " frames of " + std::to_string(bytes) + " bytes", {},
                    "at most 1000 frames of 1 MiB together");
    if (!frames.empty() && request.words().empty()) return frames;
    if (!frames.empty()) return fail(Code::invalid, "both words and frames are given", {}, "one of them");
    BULKHEAD_TRY_ASSIGN(const auto words, vnet::explain::parse_words(request.words()));
    const auto placed =
        std::ranges::find_if(sight.ports, [&](const auto& each) { return each.second.port.name == port; });
    const unsigned ifindex = placed == sight.ports.end() ? 0 : placed->second.ifindex;
    frames.push_back(frame_of(words, wrapping_for(sight.there, ifindex, words)));
    return frames;
}

// Turns trials into words.
class Teller {
  public:
    Teller(const SwitchSources& sources, const model::Spec& spec, const Ends& ends, const vnet::Sight& sight)
        : ends_(ends), sight_(sight), conduits_(spec, sources), traffic_(sources.traffic()) {}

    v1alpha1::FrameVerdict tell(const vnet::Trial& trial) const {
        const Decision& decision = trial.decision;
        v1alpha1::FrameVerdict view;
        view.set_frame(vnet::explain::describe_frame(trial.frame));
        view.set_verdict(verdict_name(decision.verdict));
        if (decision.verdict == Verdict::dropped)
            view.set_reason(std::string(vnet::explain::drop_name(decision.reason)));
        if (decision.verdict == Verdict::passes && trial.second) {
            view.set_verdict("dropped");  // the second check undoes what the first did
            view.set_reason(std::string(vnet::explain::drop_name(*trial.second)));
        }
        if (const auto* to = port_at(sight_, decision.to)) view.set_to(ends_.of(to->port.name).name);
        if (view.verdict() == "passes") view.set_to_interface(interface_at(sight_, decision.ifindex));
        if (decision.state) view.set_connection(state_name(*decision.state));
        tell_rule(decision, view);
        tell_limits(trial, view);
        tell_counter(decision, view);
        if (trial.said) view.set_program(vnet::verdict_text(trial.said->verdict));
        view.set_not_run(trial.not_run);
        view.set_disagreement(disagreement(trial));
        return view;
    }

  private:
    void tell_rule(const Decision& decision, v1alpha1::FrameVerdict& view) const {
        const auto rule = sight_.rules.find(decision.rule);
        view.set_rule(decision.rule);
        if (rule == sight_.rules.end()) return;
        const auto conduit = conduits_.of(rule->second.conduit);
        view.set_conduit(conduit.name);
        view.set_place(conduit.place);
        view.set_allows(rule_text(rule->second, ends_));
        if (!rule->second.via.empty()) view.set_via(ends_.of(rule->second.via).tenant.str());
    }

    static void tell_limits(const vnet::Trial& trial, v1alpha1::FrameVerdict& view) {
        for (const auto& [index, bucket] : trial.moment.buckets) {
            const auto left = vnet::explain::tokens_in(bucket, trial.moment.now) * 100 / bucket.burst;
            view.set_limit(view.limit() + (view.limit().empty() ? "" : ", ") +
                           (index < SWITCH_PORTS ? "its sender may send " : "the conduit carries ") +
                           bit_rate_text(bucket.rate * 8) + " (" + std::to_string(left) +
                           " % of a burst left)");
        }
    }

    void tell_counter(const Decision& decision, v1alpha1::FrameVerdict& view) const {
        if (!traffic_) return;
        const auto rule = sight_.rules.find(decision.rule);
        if (view.verdict() == "passes" && rule != sight_.rules.end()) {
            const auto counted = traffic_->conduits.find(rule->second.conduit);
            view.set_counter("conduit/" + view.conduit() + "/packets");
            if (counted != traffic_->conduits.end()) view.set_counted(counted->second.packets);
        }
        if (view.verdict() != "dropped") return;
        const auto* from = port_at(sight_, decision.from);
        if (from == nullptr) return;
        view.set_counter(ends_.of(from->port.name).name + "/dropped/" + view.reason());
        const auto port = traffic_->ports.find(from->port.name);
        if (port == traffic_->ports.end()) return;
        const auto counted = port->second.dropped.find(view.reason());
        if (counted != port->second.dropped.end()) view.set_counted(counted->second);
    }

    const Ends& ends_;
    const vnet::Sight& sight_;
    const ConduitsInForce conduits_;
    const Result<vnet::Traffic> traffic_;
};

}  // namespace

Result<v1alpha1::Explanation> explain(const SwitchSources& sources, const v1alpha1::ExplainRequest& request,
                                      const std::string& actor) {
    const auto snapshot = sources.board.current();
    if (!snapshot->spec)
        return fail(Code::not_found, "there is no spec in force, and so no port", {}, {},
                    "bulkhead apply -f FILE");
    const Ends ends(*snapshot->spec);
    BULKHEAD_TRY_ASSIGN(const auto port, ends.interface_called(request.interface()));
    BULKHEAD_TRY_ASSIGN(const auto sight, sources.sight());
    BULKHEAD_TRY_ASSIGN(const auto frames, frames_of(request, sight, port));
    BULKHEAD_TRY_ASSIGN(const auto tried, sources.try_frames(port, frames));
    const End end = ends.of(port);
    v1alpha1::Explanation view;
    view.set_apiversion(v1alpha1::api_version);
    view.set_gateway(snapshot->spec->gateway.str());
    view.set_interface(port.str());
    view.set_end(end.name);
    view.set_zone(end.zone.str());
    const Teller teller(sources, *snapshot->spec, ends, tried.sight);
    for (const auto& trial : tried.trials) {
        auto& item = *view.add_items();
        item = teller.tell(trial);
        if (item.disagreement().empty()) continue;
        view.set_disagreements(view.disagreements() + 1);
        sources.record({"switch.disagreement",
                        actor,
                        end.tenant,
                        {},
                        {},
                        item.frame() + " on " + port.str() + ": " + item.disagreement()});
    }
    return view;
}

}  // namespace bulkhead::daemon
