#include "health.hpp"

#include <utility>

namespace modbus_collector {

Health::Health(std::string who, std::chrono::seconds patience, Time now, Print print)
    : who_(std::move(who)), patience_(patience), last_answer_(now), print_(std::move(print)) {
}

void Health::answered(Time now, const std::string& text) {
    last_answer_ = now;
    if (std::exchange(degraded_, false)) print_("ok");
    if (text == reading_) return;
    reading_ = text;
    print_("reading: " + text);
}

void Health::silent(Time now) {
    if (degraded_ || now - last_answer_ < patience_) return;
    degraded_ = true;
    print_("degraded: no answer from " + who_ + " for " + std::to_string(patience_.count()) + " s");
}

}  // namespace modbus_collector
