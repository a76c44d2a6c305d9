#include "vnet/trial.hpp"

#include <utility>

#include "vnet/explain/drop_name.hpp"
#include "vnet/explain/second_check.hpp"
#include "vnet/maps.hpp"

namespace bulkhead::vnet {
namespace {

constexpr std::size_t longest_run = 3072;  // bytes; BPF_PROG_TEST_RUN takes what fits one page, and some less
constexpr std::uint32_t said_passes = 0;
constexpr std::uint32_t said_answered = 0x100;

// BPF_PROG_TEST_RUN's own conditions, which have nothing to do with the switch.
std::string why_not_run(const Frame& frame) {
    const explain::Octets octets(frame);
    const std::string never = "the kernel does not run a program on demand for a frame ";
    if (!octets.has(15)) return never + "of an Ethernet header or less";
    const std::uint16_t type = octets.u16(12);
    const bool cut = (type == explain::ethertype_ipv4 && !octets.has(34)) ||
                     (type == explain::ethertype_ipv6 && !octets.has(54));
    if (cut) return never + "that ends within its IP header";
    if (!octets.has(longest_run + 1)) return {};
    return never + "of more than " + std::to_string(longest_run) + " bytes";
}

Result<> ask(Twin& twin, unsigned ifindex, Trial& trial) {
    trial.not_run = why_not_run(trial.frame);
    if (!trial.not_run.empty()) return {};
    const auto bytes = std::as_bytes(std::span(trial.frame));
    BULKHEAD_TRY_ASSIGN(trial.said, twin.ask(bytes, ifindex, trial.moment));
    const bool goes = trial.said->verdict == said_passes && trial.said->ifindex != 0;
    if (!goes || trial.decision.verdict != explain::Verdict::passes) return {};
    const Frame leaving = explain::as_delivered(trial.frame, trial.decision);
    BULKHEAD_TRY_ASSIGN(trial.leaves,
                        twin.may_leave(std::as_bytes(std::span(leaving)), trial.said->ifindex, ifindex));
    return {};
}

std::uint32_t as_said(const explain::Decision& decision) {
    if (decision.verdict == explain::Verdict::dropped) return 1 + static_cast<std::uint32_t>(decision.reason);
    return decision.verdict == explain::Verdict::passes ? said_passes : said_answered;
}

// The two are asked one after the other, and buckets fill meanwhile: so it is tried until both would have
// said the same at both times.
Result<Trial> try_frame(const Ir& ir, const Moments& moments, Twin& twin, unsigned ifindex,
                        const Frame& frame) {
    constexpr int attempts = 8;
    Trial trial{.frame = frame};
    for (int attempt = 0; attempt < attempts; ++attempt) {
        BULKHEAD_TRY_ASSIGN(trial.moment, moments.read(frame));
        explain::Memory memory = memory_of(trial.moment);
        trial.decision = evaluate(ir, {ifindex, frame, 0}, memory);
        BULKHEAD_TRY(ask(twin, ifindex, trial));
        memory.now = clock_of_the_switch();
        if (as_said(evaluate(ir, {ifindex, frame, 0}, memory)) == as_said(trial.decision)) break;
    }
    if (trial.decision.verdict == explain::Verdict::passes && trial.decision.ifindex != 0)
        trial.second = explain::check_again(
            ir, {ifindex, trial.decision.ifindex, explain::as_delivered(frame, trial.decision)});
    return trial;
}

}  // namespace

std::string verdict_text(std::uint32_t verdict) {
    if (verdict == said_passes) return "passes";
    if (verdict == said_answered) return "answered";
    return "dropped: " + std::string(explain::drop_name(static_cast<switch_drop>(verdict - 1)));
}

Result<std::vector<Trial>> try_frames(const Sight& sight, const Maps& maps, Twin& twin, unsigned ifindex,
                                      const std::vector<Frame>& frames) {
    BULKHEAD_TRY_ASSIGN(const auto moments, Moments::open(maps, sight.there, ifindex));
    std::vector<Trial> trials;
    for (const Frame& frame : frames) {
        BULKHEAD_TRY_ASSIGN(auto trial, try_frame(sight.there, moments, twin, ifindex, frame));
        trials.push_back(std::move(trial));
    }
    return trials;
}

std::string disagreement(const Trial& trial) {
    if (!trial.said) return {};
    const auto& ours = trial.decision;
    const auto& theirs = *trial.said;
    if (as_said(ours) != theirs.verdict)
        return "the data says " + verdict_text(as_said(ours)) + ", the program " +
               verdict_text(theirs.verdict);
    if (ours.verdict != explain::Verdict::passes) return {};
    if (ours.rule != theirs.rule)
        return "the data says rule " + std::to_string(ours.rule) + ", the program rule " +
               std::to_string(theirs.rule);
    if (ours.ifindex != theirs.ifindex)
        return "the data sends it over interface " + std::to_string(ours.ifindex) +
               ", the program over interface " + std::to_string(theirs.ifindex);
    if (trial.leaves && *trial.leaves == trial.second.has_value())
        return std::string("the second check ") + (*trial.leaves ? "refuses it" : "lets it go") +
               " by the data, and the program's does not agree";
    return {};
}

}  // namespace bulkhead::vnet
