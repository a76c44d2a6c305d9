#include "cli/plan_text.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "cli/joined.hpp"
#include "cli/style.hpp"

namespace bulkhead::cli {
namespace {

constexpr std::size_t longest = 1024;

bool takes_away(const api::Step& step) {
    constexpr std::array verbs{"delete", "undefine", "close", "release", "stop"};
    return std::ranges::find(verbs, step.action()) != verbs.end();
}

bool disturbs(const api::Step& step) {
    return step.disruption() == "restart" || step.disruption() == "detach";
}

std::string thing(const api::Step& step) {
    return step.kind() + " " + step.subject();
}

// Things that are both taken away and made again, or disturbed by being made: they change.
std::set<std::string> changed_things(const api::PlanReply& plan) {
    std::set<std::string> made;
    std::set<std::string> changed;
    for (const auto& step : plan.steps())
        if (!takes_away(step)) made.insert(thing(step));
    for (const auto& step : plan.steps()) {
        const bool again = takes_away(step) && made.contains(thing(step));
        const bool altered = !takes_away(step) && (!step.disruption().empty() && step.disruption() != "none");
        if (again || altered) changed.insert(thing(step));
    }
    return changed;
}

char sign_of(const api::Step& step, const std::set<std::string>& changed) {
    return changed.contains(thing(step)) ? '~' : takes_away(step) ? '-' : '+';
}

Style style_of(char sign) {
    return sign == '+' ? Style::good : sign == '-' ? Style::bad : Style::warn;
}

std::string order_text(const api::Step& step) {
    std::string after;
    for (const auto id : step.after()) after += (after.empty() ? "" : ", ") + std::to_string(id);
    return "  (step " + std::to_string(step.id()) + (after.empty() ? "" : ", after " + after) + ")";
}

std::string summary(const api::PlanReply& plan) {
    const auto changed = changed_things(plan);
    std::set<std::string> made;
    std::set<std::string> taken;
    std::set<std::string> restarted;
    std::set<std::string> detached;
    for (const auto& step : plan.steps()) {
        const char sign = sign_of(step, changed);
        // Starting what is defined in the same plan is no second thing.
        if (sign == '+') made.insert(thing(step));
        if (sign == '-') taken.insert(thing(step));
        if (step.disruption() == "restart") restarted.insert(step.partition());
        if (step.disruption() == "detach") detached.insert(step.subject());
    }
    std::string text = std::to_string(plan.steps_size()) + (plan.steps_size() == 1 ? " step" : " steps") +
                       ": " + std::to_string(made.size()) + " to make, " + std::to_string(changed.size()) +
                       " to change, " + std::to_string(taken.size()) + " to take away. ";
    if (restarted.empty() && detached.empty()) return text + "Nothing that runs is disturbed.";
    if (!restarted.empty()) text += "Restarts " + joined(restarted) + ".";
    if (!detached.empty()) text += (restarted.empty() ? "Detaches " : " Detaches ") + joined(detached) + ".";
    return text;
}

const api::Step* step_of(const api::PlanReply& plan, const api::Refusal& refusal) {
    const auto found = std::ranges::find(plan.steps(), refusal.step(), &api::Step::id);
    return found == plan.steps().end() ? nullptr : &*found;
}

// {"--allow-restart", "robot-cell"} out of "allow it with --allow-restart robot-cell, or ...".
std::vector<std::string> flag_in(const std::string& mend) {
    constexpr std::array flags{"--allow-restart", "--allow-detach", "--delete-volume"};
    const auto words = split_text(mend, ' ');
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (std::ranges::find(flags, words[i]) == flags.end()) continue;
        std::string name = words[i + 1];
        name.erase(std::min(name.find_first_of(",;.)"), name.size()));
        return {words[i], name};
    }
    return {};
}

// What the manager says, or else what the step's class tells.
std::string mend_of(const api::PlanReply& plan, const api::Refusal& refusal) {
    if (!refusal.mend().empty()) return refusal.mend();
    const api::Step* step = step_of(plan, refusal);
    if (!step) return {};
    if (step->kind() == "volume" && step->action() == "delete") return "--delete-volume " + step->subject();
    if (step->disruption() == "restart") return "--allow-restart " + step->partition();
    if (step->disruption() == "detach") return "--allow-detach " + step->subject();
    return {};
}

}  // namespace

std::string step_line(const api::Step& step) {
    std::string line = step.action() + " " + thing(step);
    if (!step.detail().empty()) line += " " + step.detail();
    return printable(line, longest);
}

std::string plan_text(const api::PlanReply& plan, const PlanStyle& style) {
    if (plan.steps().empty()) return "Nothing to do: the gateway is as the spec wants it.\n";
    const auto changed = changed_things(plan);
    std::string text;
    for (const auto& step : plan.steps()) {
        const char sign = sign_of(step, changed);
        text += styled(std::string(1, sign) + " " + step_line(step), style_of(sign), style.colour);
        if (disturbs(step))
            text += "  " + styled("[" + step.disruption() + "]", Style::bad, style.colour);
        else if (step.disruption() == "live")
            text += "  " + styled("[live]", Style::warn, style.colour);
        if (style.wide) text += styled(order_text(step), Style::dim, style.colour);
        text += "\n";
        // What is new explains itself.
        if (!step.reason().empty() && step.reason() != "new")
            text += "    because: " + printable(step.reason(), longest) + "\n";
    }
    return text + "\n" + summary(plan) + "\n";
}

std::string refusals_text(const api::PlanReply& plan, const PlanStyle& style) {
    std::string text;
    for (const auto& refusal : plan.refusals()) {
        text +=
            styled("refused:", Style::bad, style.colour) + " " + printable(refusal.what(), longest) + "\n";
        const api::Step* step = step_of(plan, refusal);
        if (step) text += "  step: " + std::to_string(step->id()) + ", " + step_line(*step) + "\n";
        if (!refusal.rule().empty()) text += "  rule: " + printable(refusal.rule(), longest) + "\n";
        const std::string mend = mend_of(plan, refusal);
        if (!mend.empty()) text += "  mend: " + printable(mend, longest) + "\n";
    }
    const auto flags = flags_that_allow(plan);
    if (flags.empty()) return text;
    text += "\nTo allow all of this:\n  bulkhead apply -f " + style.file;
    for (const auto& word : flags) text += " " + word;
    return text + "\n";
}

std::string notes_text(const api::PlanReply& plan, bool colour) {
    std::string text;
    for (const auto& note : plan.notes())
        text += styled("note:", Style::bold, colour) + " " + printable(note, longest) + "\n";
    return text;
}

std::vector<std::string> flags_that_allow(const api::PlanReply& plan) {
    std::vector<std::string> flags;
    std::set<std::vector<std::string>> seen;
    for (const auto& refusal : plan.refusals()) {
        const auto flag = flag_in(mend_of(plan, refusal));
        if (flag.empty()) return {};  // one that no flag lifts: a lock, a missing feature
        if (!seen.insert(flag).second) continue;
        flags.insert(flags.end(), flag.begin(), flag.end());
    }
    return flags;
}

}  // namespace bulkhead::cli
