#include "vnet/trial.hpp"

#include <ctime>

#include "vnet/explain/drop_name.hpp"
#include "vnet/explain/second_check.hpp"
#include "vnet/maps.hpp"

namespace bulkhead::vnet {
namespace {

constexpr std::size_t longest_run = 3072;  // bytes; BPF_PROG_TEST_RUN takes what fits one page, and some less
constexpr std::uint32_t said_passes = 0;
constexpr std::uint32_t said_answered = 0x100;

explain::Connection from_wire(const switch_connection& wire) {
    return {.from = wire.from,
            .to = wire.to,
            .way = {wire.way[0], wire.way[1]},
            .rule = wire.rule,
            .epoch = wire.epoch,
            .expected = {wire.expected[0], wire.expected[1]},
            .tenant = wire.tenant,
            .low_opened = wire.low_opened != 0,
            .state = wire.state,
            .finished = wire.finished};
}

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

Result<std::optional<Twin::Connection>> open_connection(const Maps& maps, const Frame& frame,
                                                        std::uint64_t now) {
    const auto key = explain::connection_of(frame);
    if (!key) return std::nullopt;
    BULKHEAD_TRY_ASSIGN(const auto found, maps.seen.connections.find(*key));
    // What lasted longer is not there any more, whoever finds it.
    if (!found || found->seen + switch_lasts(key->transport, found->state) < now) return std::nullopt;
    return Twin::Connection(*key, *found);
}

Result<> ask(Twin& twin, unsigned ifindex, const std::vector<Twin::Connection>& connections, Trial& trial) {
    trial.not_run = why_not_run(trial.frame);
    if (!trial.not_run.empty()) return {};
    const auto bytes = std::as_bytes(std::span(trial.frame));
    BULKHEAD_TRY_ASSIGN(trial.said, twin.ask(bytes, ifindex, connections));
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

// CLOCK_MONOTONIC is the clock of the programs (bpf_ktime_get_ns).
std::uint64_t now() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace

std::string verdict_text(std::uint32_t verdict) {
    if (verdict == said_passes) return "passes";
    if (verdict == said_answered) return "answered";
    return "dropped: " + std::string(explain::drop_name(static_cast<switch_drop>(verdict - 1)));
}

Result<std::vector<Trial>> try_frames(const Sight& sight, const Maps& maps, Twin& twin, unsigned ifindex,
                                      const std::vector<Frame>& frames) {
    std::vector<Trial> trials;
    for (const Frame& frame : frames) {
        Trial trial{.frame = frame};
        BULKHEAD_TRY_ASSIGN(const auto connection, open_connection(maps, frame, now()));
        explain::Memory memory;
        if (connection) memory.connections.emplace(connection->first, from_wire(connection->second));
        trial.decision = evaluate(sight.there, {ifindex, frame, 0}, memory);
        if (trial.decision.verdict == explain::Verdict::passes && trial.decision.ifindex != 0)
            trial.second = explain::check_again(
                sight.there, {ifindex, trial.decision.ifindex, explain::as_delivered(frame, trial.decision)});
        std::vector<Twin::Connection> connections;
        if (connection) connections.push_back(*connection);
        BULKHEAD_TRY(ask(twin, ifindex, connections, trial));
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
