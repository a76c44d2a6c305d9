#include "partition-manager/uplink/uplink.hpp"

#include <pthread.h>

#include <algorithm>
#include <random>

#include "base/log.hpp"
#include "partition-manager/uplink/enrolment.hpp"

namespace bulkhead::uplink {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds first_back_off{500};
constexpr milliseconds longest_back_off = seconds(60);
constexpr seconds renewal_pause{30};

// A thousand gateways whose console returns must not come back in one instant.
milliseconds jittered(milliseconds time) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    return milliseconds(std::uniform_int_distribution<std::int64_t>(time.count() / 2, time.count())(random));
}

}  // namespace

Uplink::Uplink(UplinkParts parts) : parts_(std::move(parts)) {
}

Uplink::~Uplink() {
    stop();
}

void Uplink::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) {
        ::pthread_setname_np(::pthread_self(), "uplink");
        run(stop);
    });
}

void Uplink::stop() {
    thread_.request_stop();
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Uplink::poke() {
    const std::scoped_lock lock(mutex_);
    if (line_) line_->poke();
}

UplinkState Uplink::state() const {
    const auto membership = parts_.identity.membership();
    if (!membership) return {};
    const std::scoped_lock lock(mutex_);
    return {membership->console, text_};
}

void Uplink::note(std::string text) {
    const std::scoped_lock lock(mutex_);
    text_ = std::move(text);
}

Result<Joined> Uplink::join(const crypto::JoinString& join, const std::string& it_keys_pem,
                            const std::string& gateway) {
    const std::scoped_lock one_at_a_time(join_mutex_);
    if (parts_.attestor == nullptr)
        return fail(Code::unsupported, "this gateway has no TPM to prove itself by", {}, "a TPM 2.0",
                    "start bulkheadd with --tpm device:/dev/tpmrm0");
    if (it_keys_pem.empty() && !parts_.identity.it_keys())
        return fail(Code::invalid, "the gateway has no key of IT, so it could take no spec", {},
                    "the public key that IT signs specs with", "add --it-key FILE");
    if (!it_keys_pem.empty()) {
        BULKHEAD_TRY(read_verify_keys(it_keys_pem, "IT's key"));
    }
    BULKHEAD_TRY_ASSIGN(const auto key, parts_.identity.key());
    auto joined = join_console(join, gateway, key, *parts_.attestor);
    if (!joined) return joined;
    const auto taken = take(joined->membership, it_keys_pem);
    if (!taken) return std::unexpected(taken.error());
    return joined;
}

// The line to the console that it had before is down meanwhile, so that this one takes no event that is for
// the new one. The membership comes last: a power cut before it leaves the gateway where it was.
Result<> Uplink::take(const Membership& membership, const std::string& it_keys_pem) {
    {
        std::unique_lock lock(mutex_);
        joining_ = true;
        if (line_) line_->end();
        changed_.wait(lock, [this] { return !line_; });
    }
    const auto taken = [&]() -> Result<> {
        if (!it_keys_pem.empty()) BULKHEAD_TRY(parts_.identity.put_it_keys(it_keys_pem));
        BULKHEAD_TRY(parts_.spool.begin());
        return parts_.identity.put(membership);
    }();
    {
        const std::scoped_lock lock(mutex_);
        joining_ = false;
        wanted_ = true;
        back_off_ = milliseconds(0);
        if (taken) text_ = "connecting";
    }
    changed_.notify_all();
    return taken;
}

void Uplink::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (const auto membership = parts_.identity.membership()) connect_once(*membership, stop);
        pause(stop);
    }
}

void Uplink::connect_once(const Membership& membership, const std::stop_token& stop) {
    const auto key = parts_.identity.key();
    if (!key) return note("no key: " + key.error().text());
    if (const auto begun = parts_.spool.begin_once(); !begun)
        log::warning("events can't wait for the console", {{"error", begun.error().text()}});
    const auto line = std::make_shared<Line>(parts_, membership, *key, [this] {
        {
            const std::scoped_lock lock(mutex_);
            back_off_ = milliseconds(0);
        }
        note("connected");
        log::info("connected to the console");
    });
    {
        const std::scoped_lock lock(mutex_);
        // Joined to another console since: that one's line is next, and takes all events.
        if (joining_ || parts_.identity.membership() != membership) return;
        line_ = line;
        if (text_.empty()) text_ = "connecting";
    }
    const auto ending = line->run(stop);
    bool is_news = ending.welcomed;
    {
        const std::scoped_lock lock(mutex_);
        line_.reset();
        is_news = is_news || !text_.starts_with("not connected");
    }
    changed_.notify_all();
    if (stop.stop_requested()) return;
    if (is_news) log::warning("the console can't be reached", {{"error", ending.error.text()}});
    note("not connected since " + rfc3339(parts_.clock.utc()) + ": " + ending.error.text());
    // The console is there and does not let us in: perhaps the certificate has expired, and only its clock
    // knows.
    if (!ending.welcomed && ending.server_was_verified) renew(membership);
}

void Uplink::renew(const Membership& membership) {
    const auto now = parts_.clock.monotonic();
    if (parts_.attestor == nullptr || now < renew_not_before_) return;
    renew_not_before_ = now + renewal_pause;
    const auto key = parts_.identity.key();
    if (!key) return;
    const auto grant = renew_by_tpm(membership, *key, *parts_.attestor);
    if (!grant) {
        log::warning("the certificate can't be renewed", {{"error", grant.error().text()}});
        return;
    }
    if (auto kept = parts_.identity.put_certificate(membership.pin, grant->certificate, grant->console_time);
        !kept)
        log::error("the new certificate can't be kept", {{"error", kept.error().text()}});
    else
        log::info("renewed the certificate by the TPM");
    const std::scoped_lock lock(mutex_);
    back_off_ = milliseconds(0);
}

void Uplink::pause(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    back_off_ = std::clamp(back_off_ * 2, first_back_off, longest_back_off);
    const bool enrolled = !text_.empty();
    changed_.wait_for(lock, stop, enrolled ? jittered(back_off_) : milliseconds(longest_back_off),
                      [this] { return wanted_; });
    wanted_ = false;
}

}  // namespace bulkhead::uplink
