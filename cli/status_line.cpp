#include "cli/status_line.hpp"

#include <algorithm>

#include "base/units.hpp"
#include "cli/terminal.hpp"
#include "cli/width.hpp"

namespace bulkhead::cli {
namespace {

constexpr auto beat = std::chrono::milliseconds(120);
constexpr std::string_view spinner = "|/-\\";

}  // namespace

StatusLine::StatusLine(const Terminal& terminal) : terminal_(terminal) {
    if (terminal_.lively()) thread_ = std::thread([this] { run(); });
}

StatusLine::~StatusLine() {
    clear();
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void StatusLine::show(std::string text) {
    if (!terminal_.lively()) return;
    const std::lock_guard lock(mutex_);
    if (text_.empty()) since_ = std::chrono::steady_clock::now();
    text_ = std::move(text);
    draw();
}

void StatusLine::print(std::string_view line) {
    const std::lock_guard lock(mutex_);
    wipe();
    terminal_.err(std::string(line) + "\n");
    if (!text_.empty()) draw();
}

void StatusLine::clear() {
    const std::lock_guard lock(mutex_);
    wipe();
    text_.clear();
}

void StatusLine::run() {
    std::unique_lock lock(mutex_);
    while (!stop_) {
        changed_.wait_for(lock, beat);
        if (!text_.empty() && !stop_) draw();
    }
}

void StatusLine::draw() {
    if (!terminal_.lively()) return;
    const auto age =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - since_);
    const std::string line =
        std::string(1, spinner[turn_++ % spinner.size()]) + " " + text_ + "  " + human_age(age);
    // Never as wide as the terminal: a line that wraps can't be wiped.
    terminal_.err("\r\x1B[K" + cut_to_width(line, std::max<std::size_t>(terminal_.error_width(), 2) - 1));
    drawn_ = true;
}

void StatusLine::wipe() {
    if (drawn_) terminal_.err("\r\x1B[K");
    drawn_ = false;
}

std::string bar(std::size_t done, std::size_t total, std::size_t width) {
    const std::size_t full = total == 0 ? width : std::min(width, done * width / total);
    return "[" + std::string(full, '#') + std::string(width - full, '-') + "]";
}

}  // namespace bulkhead::cli
