// The interpreter against the programs: random networks, random frames, one answer. FUZZ_SECONDS: how long,
// FUZZ_SEED: from where; a disagreement names the seed that shows it again.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iomanip>
#include <sstream>

#include "tests/vnet/explain/programs.hpp"
#include "tests/vnet/explain/random_frames.hpp"
#include "vnet/explain/drop_name.hpp"

namespace bulkhead::vnet::test {
namespace {

using explain::Decision;
using explain::Memory;
using explain::Verdict;

constexpr unsigned frames_each = 400;  // of one network

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string hex(const std::vector<std::uint8_t>& frame) {
    std::ostringstream text;
    text << std::hex << std::setfill('0');
    for (const auto byte : frame) text << std::setw(2) << unsigned{byte};
    return text.str();
}

std::string verdict_text(std::uint32_t verdict) {
    if (verdict == 0) return "passes";
    if (verdict == 0x100) return "answered or absorbed";
    if (verdict == 0xffffffff) return "nothing said";
    return "dropped: " + std::string(explain::drop_name(static_cast<switch_drop>(verdict - 1)));
}

std::uint32_t as_explained(const Decision& decision) {
    if (decision.verdict == Verdict::dropped) return 1 + static_cast<std::uint32_t>(decision.reason);
    return decision.verdict == Verdict::passes ? 0 : 0x100;
}

// What differs, or nothing.
std::string difference(const Decision& ours, const switch_explained& theirs) {
    const std::uint32_t verdict = as_explained(ours);
    if (verdict != theirs.verdict)
        return "interpreter: " + verdict_text(verdict) + "; program: " + verdict_text(theirs.verdict);
    if (ours.verdict != Verdict::passes) return {};
    if (ours.rule != theirs.rule)
        return "rule " + std::to_string(ours.rule) + ", " + std::to_string(theirs.rule);
    if (ours.conduit != theirs.conduit) return "conduits differ";
    if (ours.ifindex != theirs.ifindex)
        return "to interface " + std::to_string(ours.ifindex) + ", " + std::to_string(theirs.ifindex);
    return {};
}

struct Story {
    Ir ir;
    Table<std::uint32_t, switch_bucket> buckets;
    std::vector<Sent> frames;
};

// Some have nothing left for as long as a test may last; the others limit nothing. What lies between is a
// matter of the clock, and is tried where one can ask for a moment (trial_test).
Table<std::uint32_t, switch_bucket> some_empty(Random& random, const Ir& ir) {
    constexpr std::uint64_t never_full = std::uint64_t{1} << 62;
    Table<std::uint32_t, switch_bucket> buckets;
    for (auto [index, bucket] : ir.buckets) {
        bucket.full = never_full;
        if (chance(random, 2)) buckets.emplace(index, bucket);
    }
    return buckets;
}

// The first frame about which the two disagree, and how; `frames.size()` if about none.
std::pair<std::size_t, std::string> first_difference(Programs& programs, const Story& story) {
    programs.hold(story.ir, story.buckets);
    Memory memory;
    memory.buckets = story.buckets;
    for (std::size_t i = 0; i < story.frames.size(); ++i) {
        const Sent& sent = story.frames[i];
        const explain::Arrival arrival{sent.ifindex, sent.frame, sent.gso_size};
        if (!Programs::can_run(arrival)) continue;
        const Decision ours = evaluate(story.ir, arrival, memory);
        const std::string what = difference(ours, programs.run(arrival));
        if (!what.empty()) return {i, what};
        remember(ours, memory);
    }
    return {story.frames.size(), {}};
}

// Without the frames, and the bytes at a frame's end, that the disagreement does not need.
Story minimised(Programs& programs, Story story) {
    story.frames.resize(first_difference(programs, story).first + 1);
    for (std::size_t i = story.frames.size() - 1; i-- > 0;) {
        Story shorter = story;
        shorter.frames.erase(shorter.frames.begin() + static_cast<std::ptrdiff_t>(i));
        if (first_difference(programs, shorter).first == shorter.frames.size() - 1) story = shorter;
    }
    return story;
}

std::string report(Programs& programs, const Story& found, std::uint64_t seed) {
    const Story story = minimised(programs, found);
    const auto [at, what] = first_difference(programs, story);
    std::ostringstream text;
    text << "seed " << seed << ": " << what << "\n";
    for (const Sent& sent : story.frames) {
        const auto source = story.ir.sources.find(sent.ifindex);
        text << "  on " << sent.ifindex << " (kind "
             << (source == story.ir.sources.end() ? -1 : int{source->second.kind}) << "), gso "
             << sent.gso_size << ", " << sent.frame.size()
             << " bytes: " << explain::describe_frame(sent.frame) << "\n    " << hex(sent.frame) << "\n";
    }
    return text.str();
}

TEST(Differential, the_interpreter_and_the_programs_agree_about_every_frame) {
    const Interfaces interfaces(20);
    Programs programs;
    const std::chrono::seconds limit(number_from("FUZZ_SECONDS", 20));
    const auto end = std::chrono::steady_clock::now() + limit;
    std::uint64_t seed = number_from("FUZZ_SEED", 1);
    std::uint64_t frames = 0;
    std::map<std::uint32_t, std::uint64_t> verdicts;
    unsigned found = 0;
    for (; std::chrono::steady_clock::now() < end && found < 10; ++seed) {
        Random random(seed);
        Story story{compile(random_network(random, interfaces.numbers())), {}, {}};
        story.buckets = some_empty(random, story.ir);
        Frames maker(random, story.ir);
        for (unsigned i = 0; i < frames_each; ++i) story.frames.push_back(maker.next());
        const auto [at, what] = first_difference(programs, story);
        frames += at;
        if (at < story.frames.size()) {
            ADD_FAILURE() << report(programs, story, seed);
            ++found;
        }
        Memory memory;
        memory.buckets = story.buckets;
        for (std::size_t i = 0; i < at; ++i) {
            const Sent& sent = story.frames[i];
            const auto decision = evaluate(story.ir, {sent.ifindex, sent.frame, sent.gso_size}, memory);
            ++verdicts[as_explained(decision)];
            remember(decision, memory);
        }
    }
    std::cout << frames << " frames, to seed " << seed - 1 << "\n";
    for (const auto& [verdict, count] : verdicts)
        std::cout << "  " << verdict_text(verdict) << ": " << count << "\n";
    // A fuzzer that only ever sees refusals has proved nothing.
    EXPECT_GT(verdicts[0], 0U);
    EXPECT_GT(verdicts[0x100], 0U);
    EXPECT_GT(verdicts[1 + switch_drop_rate], 0U);
}

}  // namespace
}  // namespace bulkhead::vnet::test
