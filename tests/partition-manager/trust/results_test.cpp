#include "partition-manager/trust/results.hpp"

#include <gtest/gtest.h>

namespace bulkhead::trust {
namespace {

using namespace std::chrono_literals;

class HandClock final : public Clock {
  public:
    MonotonicTime monotonic() const override { return now; }
    UtcTime utc() const override { return {}; }
    MonotonicTime now{};
};

v1alpha1::AttestationResults judged(const std::string& partition, const std::string& word,
                                    std::uint64_t age) {
    v1alpha1::AttestationResults results;
    auto& item = *results.add_items();
    item.set_partition(partition);
    item.set_attestation(word);
    item.set_trust_anchor("software");
    item.set_age_seconds(age);
    return results;
}

TEST(Results, are_unknown_with_a_reason_until_the_console_has_spoken) {
    const HandClock clock;
    Results results(clock);
    EXPECT_EQ(results.view("press").attestation(), "unknown");
    EXPECT_FALSE(results.view("press").text().empty());
    results.set_reason("no TPM on this host");
    EXPECT_EQ(results.view("press").text(), "no TPM on this host");
}

TEST(Results, age_by_our_own_clock_and_get_stale) {
    HandClock clock;
    Results results(clock);
    results.set(judged("press", "trusted", 4));
    clock.now += 100s;
    EXPECT_EQ(results.view("press").attestation(), "trusted");
    EXPECT_EQ(results.view("press").age_seconds(), 104U);
    EXPECT_EQ(results.view("other").attestation(), "unknown");
    clock.now += 77s;
    EXPECT_EQ(results.view("press").attestation(), "stale");
    EXPECT_EQ(results.view("press").trust_anchor(), "software");
}

TEST(Results, that_are_untrusted_do_not_fade_with_age) {
    HandClock clock;
    Results results(clock);
    auto alarm = judged("press", "untrusted", 4);
    alarm.mutable_items(0)->set_text("the kernel is another");
    results.set(alarm);
    clock.now += 24h;
    EXPECT_EQ(results.view("press").attestation(), "untrusted");
    EXPECT_EQ(results.view("press").text(), "the kernel is another");
    EXPECT_EQ(results.view("press").age_seconds(), 24U * 3600 + 4);
    results.set(judged("press", "trusted", 0));
    EXPECT_EQ(results.view("press").attestation(), "trusted") << "a newer round says otherwise";
}

TEST(Results, replace_what_was_said_before) {
    const HandClock clock;
    Results results(clock);
    results.set(judged("press", "trusted", 0));
    results.set(judged("packer", "trusted", 0));
    EXPECT_EQ(results.view("press").attestation(), "unknown");
}

}  // namespace
}  // namespace bulkhead::trust
