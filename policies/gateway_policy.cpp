#include "policies/gateway_policy.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "policies/quantity.hpp"

namespace bulkhead::policies {
namespace {

bool matches(std::string_view pattern, std::string_view name) {
    if (!pattern.ends_with('*')) return pattern == name;
    return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

// The rule that decides about a name: a refusal before any allowance. Null: none does.
const NameRule* decisive(const std::vector<NameRule>& rules, std::string_view name) {
    const NameRule* allowance = nullptr;
    for (const auto& rule : rules) {
        if (!matches(rule.pattern, name)) continue;
        if (!rule.allows) return &rule;
        if (allowance == nullptr) allowance = &rule;
    }
    return allowance;
}

std::string patterns(const std::vector<NameRule>& rules) {
    std::string text;
    for (const auto& rule : rules)
        if (rule.allows) text += (text.empty() ? "" : ", ") + rule.pattern;
    return text.empty() ? "nothing: the policy allows none" : text;
}

// Where an end of a conduit stands.
struct Place {
    std::string words;
    model::Level level = model::Level::none;
};

std::vector<Place> places_of(const model::Spec& spec, const model::EndName& end) {
    const auto place = [](std::string_view noun, const std::string& name, model::Level level) {
        return Place{std::string(noun) + " '" + name + "' (" + std::string(to_string(level)) + ")", level};
    };
    std::vector<Place> places;
    if (const auto* outside = spec.find_outside(end))
        places.push_back(place("outside", outside->name.str(), outside->level));
    for (const auto* zone : spec.zones_of(end))
        places.push_back(place("zone", zone->name.str(), zone->level));
    return places;
}

class Judgement {
  public:
    explicit Judgement(const Policy& policy) : policy_(policy) {}

    void name(std::string_view noun, const std::vector<NameRule>& rules, const std::string& name,
              std::string where) {
        const NameRule* rule = decisive(rules, name);
        if (rule != nullptr && rule->allows) return;
        const std::string what = std::string(noun) + " '" + printable(name, 255) + "' is refused: ";
        if (rule == nullptr)
            refuse(what + "no rule of the policy allows it", std::move(where), patterns(rules));
        else
            refuse(what + "rule " + rule->id + " (" + rule->because + ")", std::move(where), patterns(rules));
    }

    void amount(Quantity quantity, std::uint64_t value, std::string where) {
        bool limited = false;
        for (const auto& rule : policy_.limits) {
            if (rule.of != quantity) continue;
            limited = true;
            if (value < rule.least || value > rule.most)
                refuse(std::string(to_string(quantity)) + " " + amount_text(quantity, value) +
                           " is refused: rule " + rule.id + " (" + rule.because + ")",
                       where, amount_text(quantity, rule.least) + " to " + amount_text(quantity, rule.most));
        }
        if (!limited)
            refuse(std::string(to_string(quantity)) + " " + amount_text(quantity, value) +
                       " is refused: no rule of the policy allows it",
                   where, {});
    }

    // Every session between plant and enterprise ends in a DMZ (IEC 62443-3-2 ZCR 3, Purdue level 3.5).
    void levels(const model::Spec& spec, const model::Conduit& conduit) {
        for (const auto& from : places_of(spec, conduit.from))
            for (const auto& to : places_of(spec, conduit.to))
                for (const auto& rule : policy_.levels)
                    if ((from.level == rule.one && to.level == rule.other) ||
                        (from.level == rule.other && to.level == rule.one))
                        return refuse("a conduit from " + from.words + " to " + to.words +
                                          " is refused: rule " + rule.id + " (" + rule.because + ")",
                                      "conduit " + conduit.name.str(),
                                      "two conduits that meet in a partition of a zone with level dmz");
    }

    Errors take() && { return std::move(errors_); }

  private:
    void refuse(std::string what, std::string where, std::string wanted) {
        errors_.push_back({Code::refused, std::move(what), std::move(where), std::move(wanted), {}});
    }

    const Policy& policy_;
    Errors errors_;
};

// A port's or a controller's alone is a number like another.
std::string place_of(const model::Device& device) {
    const bool prefixed = device.kind == model::DeviceKind::usb || device.kind == model::DeviceKind::can;
    return (prefixed ? std::string(to_string(device.kind)) + ":" : std::string()) + device.at;
}

}  // namespace

std::uint64_t most_of(const Policy& policy, Quantity quantity) {
    std::optional<std::uint64_t> most;
    for (const auto& rule : policy.limits)
        if (rule.of == quantity) most = std::min(most.value_or(rule.most), rule.most);
    return most.value_or(0);
}

Errors judge(const model::Spec& spec, const Policy& policy) {
    Judgement judgement(policy);
    for (const auto& device : spec.devices)
        judgement.name("place", policy.devices, place_of(device), "device " + device.name.str());
    for (const auto& partition : spec.partitions) {
        const std::string where = "partition " + partition.name.str();
        judgement.name("image", policy.images, partition.image.str(), where);
        if (partition.application)
            judgement.name("application", policy.applications, partition.application->title(), where);
        judgement.amount(Quantity::partition_cpus, partition.cpus, where);
        judgement.amount(Quantity::partition_memory, partition.memory.count, where);
        for (const auto& volume : partition.volumes)
            judgement.amount(Quantity::volume_size, volume.size.count,
                             "volume " + partition.name.str() + "/" + volume.name.str());
    }
    for (const auto& conduit : spec.conduits) judgement.levels(spec, conduit);
    return std::move(judgement).take();
}

}  // namespace bulkhead::policies
