#include "passthrough/can/judge.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace bulkhead::passthrough::can {
namespace {

bool fits(const model::CanRule& rule, const FrameId& frame) {
    return rule.extended == frame.extended && (frame.id & rule.mask) == rule.id;
}

}  // namespace

std::string words(const FrameId& frame) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), frame.extended ? "0x%08x" : "0x%03x", frame.id);
    return text.data();
}

std::string words(const FrameId& frame, Judge::Verdict verdict) {
    const std::string sent = "send " + words(frame);
    if (verdict == Judge::Verdict::not_trusted) return sent + ": its partition is not trusted";
    return sent + (verdict == Judge::Verdict::above_rate ? ": above the rate" : ": no rule allows it");
}

Judge::Verdict Judge::send(const FrameId& frame, Moment now) {
    if (gate_ != Gate::open) return Verdict::not_trusted;
    for (std::size_t i = 0; i < allowed_.allow.size(); ++i) {
        const auto& rule = allowed_.allow[i];
        if (!rule.send || !fits(rule, frame)) continue;
        return is_within_rate(i, now) ? Verdict::passes : Verdict::above_rate;
    }
    return Verdict::no_rule;
}

bool Judge::hears(const FrameId& frame) const {
    return gate_ != Gate::closed && std::ranges::any_of(allowed_.allow, [&](const auto& rule) {
               return rule.receive && fits(rule, frame);
           });
}

// GCRA, ITU-T I.371, with a burst of a tenth of a second, one frame at least.
bool Judge::is_within_rate(std::size_t rule, Moment now) {
    const unsigned rate = allowed_.allow[rule].rate;
    if (rate == 0) return true;
    const auto each = std::chrono::nanoseconds(std::chrono::seconds(1)) / rate;
    const auto depth = each * std::max(1U, rate / 10);
    const Moment full = std::max(full_[rule], now) + each;
    if (full - now > depth) return false;
    full_[rule] = full;
    return true;
}

}  // namespace bulkhead::passthrough::can
