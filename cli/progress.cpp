#include "cli/progress.hpp"

#include "base/text.hpp"
#include "cli/interrupt.hpp"
#include "cli/plan_text.hpp"
#include "cli/style.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

std::string number_of(std::uint32_t id, std::size_t total) {
    const std::string count = std::to_string(total);
    std::string number = std::to_string(id);
    if (number.size() < count.size()) number.insert(0, count.size() - number.size(), ' ');
    return number + "/" + count;
}

// Steps that took long say so: "  3.2 s".
std::string took(std::chrono::steady_clock::duration time) {
    const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(time).count() / 100;
    if (tenths < 10) return {};
    return "  " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

void ProgressView::on(const api::Progress& progress) {
    if (progress.generation() != 0) generation_ = progress.generation();
    switch (progress.state()) {
        case api::Progress::planned:
            total_ = static_cast<std::size_t>(progress.steps_size());
            break;
        case api::Progress::started:
            started(progress.step());
            break;
        case api::Progress::done:
        case api::Progress::failed:
        case api::Progress::skipped:
            ended(progress);
            break;
        default:
            line_.clear();
    }
}

void ProgressView::started(const api::Step& step) {
    since_[step.id()] = std::chrono::steady_clock::now();
    line_.show(bar(done_, total_) + " " + number_of(step.id(), total_) + "  " + step_line(step));
}

void ProgressView::ended(const api::Progress& progress) {
    ++done_;
    const bool colour = terminal_.colour_err();
    const auto& step = progress.step();
    std::string line = number_of(step.id(), total_) + "  " + step_line(step) + "  ";
    if (progress.state() == api::Progress::done) {
        line += styled("done", Style::good, colour);
        if (const auto since = since_.find(step.id()); since != since_.end())
            line += styled(took(std::chrono::steady_clock::now() - since->second), Style::dim, colour);
    } else if (progress.state() == api::Progress::skipped) {
        line += styled("skipped", Style::warn, colour);
    } else {
        line += styled("failed", Style::bad, colour);
        failed_ = progress.error();
    }
    if (progress.has_error() && !progress.error().what().empty())
        line += ": " + printable(progress.error().what(), 1024);
    line_.print(line);
    line_.show(bar(done_, total_) + " " + number_of(static_cast<std::uint32_t>(done_), total_));
}

Outcome<void> ProgressView::verdict(Outcome<void> outcome) const {
    if (!outcome || !failed_) return outcome;
    return std::unexpected(Failure({problem_of(*failed_)}, Exit::failed));
}

Outcome<void> say_if_left(Outcome<void> outcome, const Terminal& terminal, const Interrupt& interrupt) {
    if (interrupt.signal() != 0)
        terminal.err("No longer watching. The manager goes on with it; see: bulkhead status\n");
    return outcome;
}

}  // namespace bulkhead::cli
