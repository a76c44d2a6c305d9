#include "partition-manager/daemon/switch_care.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <chrono>

#include "base/log.hpp"

namespace bulkhead::daemon {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds look_period{1'500};  // docs/PROMISES.md: drift is reported within 2 s
constexpr int rest_per_look = 20;           // of a look that takes long: a twentieth of the time at most

}  // namespace

Result<> SwitchCare::begin() {
    BULKHEAD_TRY_ASSIGN(watch_, vnet::Watch::open());
    BULKHEAD_TRY(parts_.loop.watch(watch_->fd(), EPOLLIN, [this](std::uint32_t) {
        if (watch_->drain()) look();
    }));
    look();
    return {};
}

void SwitchCare::tell() {
    for (const auto& text : parts_.ports.take_findings())
        parts_.record({"switch.tampered", "manager", {}, {}, {}, text});
    const auto news = parts_.routers.take_news();
    for (const auto& text : news.uplinks) parts_.record({"uplink.changed", "manager", {}, {}, {}, text});
    for (const auto& text : news.tampering) parts_.record({"switch.tampered", "manager", {}, {}, {}, text});
    for (const auto& refusal : parts_.guards.take_refusals(std::chrono::steady_clock::now()))
        parts_.record({"conduit.refused", "manager", refusal.tenant, {}, {}, refusal.text});
}

void SwitchCare::look() {
    if (looking_.exchange(true)) return;
    parts_.submit([this] {
        looking_ = false;
        const auto begun = std::chrono::steady_clock::now();
        const auto drifted = parts_.ports.has_drifted();
        if (!drifted) log::error("can't look at the switch", {{"error", drifted.error().text()}});
        const bool amiss = drifted && *drifted;
        tell();
        const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun);
        parts_.loop.post([this, amiss, took] {
            if (amiss) parts_.mend();
            look_later(took);
        });
    });
}

void SwitchCare::look_later(milliseconds took) {
    parts_.loop.cancel(timer_);
    timer_ = parts_.loop.after(std::max(look_period, rest_per_look * took), [this] { look(); });
}

}  // namespace bulkhead::daemon
