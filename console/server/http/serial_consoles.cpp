#include "console/server/http/serial_consoles.hpp"

#include <atomic>
#include <utility>
#include <vector>

#include "console/server/http/json.hpp"
#include "crypto/encoding.hpp"
#include "crypto/random.hpp"

namespace bulkhead::console::http {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t most_consoles = 32;
constexpr std::size_t most_consoles_of_one = 8;
constexpr std::size_t most_chunks = 4096;
constexpr std::size_t most_unread = std::size_t{512} * 1024;  // bytes of base64

std::string lost_output(std::uint64_t /*events*/, std::uint64_t bytes) {
    return event_text("lost", text_of({{"bytes", bytes}}));
}

}  // namespace

struct SerialConsoles::Console {
    std::string user, gateway, partition;
    std::shared_ptr<void> place;
    std::shared_ptr<Feed> feed = std::make_shared<Feed>(most_chunks, most_unread, lost_output);
    std::mutex writing;  // RelayedCall is one writer's
    std::unique_ptr<RelayedCall> call;
    std::atomic<int> readers = 0;
    std::atomic<Clock::time_point> left = Clock::now();  // when a reader went last
};

namespace {

// Counts who reads.
template <class Console>
class Reader : public EventSource {
  public:
    Reader(std::shared_ptr<Console> console, std::unique_ptr<EventSource> source)
        : console_(std::move(console)), source_(std::move(source)) {
        ++console_->readers;
    }
    ~Reader() override {
        console_->left = Clock::now();
        --console_->readers;
    }
    std::optional<std::string> next() override { return source_->next(); }

  private:
    std::shared_ptr<Console> console_;
    std::unique_ptr<EventSource> source_;
};

}  // namespace

SerialConsoles::SerialConsoles(Fleet& fleet, Streams& streams, std::chrono::milliseconds patience)
    : fleet_(fleet),
      streams_(streams),
      places_(most_consoles, most_consoles_of_one),
      patience_(patience),
      reaper_([this](const std::stop_token& stop) { reap(stop); }) {
}

SerialConsoles::~SerialConsoles() = default;

Answer<std::string> SerialConsoles::open(const Viewer& viewer, const std::string& gateway,
                                         const std::string& partition) {
    auto place = places_.take(viewer.user);
    if (!place)
        return fail(Code::unavailable, "too many serial consoles are open", "console",
                    std::to_string(most_consoles_of_one) + " at most", "close one that nobody needs");
    auto console = std::make_shared<Console>();
    console->place = std::move(place);
    console->user = viewer.user;
    console->gateway = gateway;
    console->partition = partition;
    RelayEvents events;
    events.message = [feed = console->feed](const std::string& message) {
        api::ConsoleOutput output;
        if (!output.ParseFromString(message)) return;
        feed->push(event_text("output", crypto::to_base64(output.data())), output.data().size());
    };
    events.end = [feed = console->feed](const Errors& errors) {
        feed->finish(event_text("end", text_of(to_json(errors))));
    };
    api::ConsoleInput first;
    first.set_gateway(gateway);
    first.set_partition(partition);
    BULKHEAD_TRY_ASSIGN(console->call, fleet_.call(viewer, gateway, partition, "Attach",
                                                   first.SerializeAsString(), std::move(events)));
    auto id = crypto::to_hex(crypto::random_bytes(16));
    {
        const std::lock_guard lock(mutex_);
        consoles_.emplace(id, std::move(console));
    }
    changed_.notify_all();
    return id;
}

Answer<SerialConsoles::Shared> SerialConsoles::find(const Viewer& viewer, const Place& place) {
    const std::lock_guard lock(mutex_);
    const auto found = consoles_.find(place.id);
    if (found == consoles_.end() || found->second->user != viewer.user ||
        found->second->gateway != place.gateway || found->second->partition != place.partition)
        return fail(Code::not_found, "this serial console is not open", "console", {}, "open it again");
    return found->second;
}

Answer<std::unique_ptr<EventSource>> SerialConsoles::read(const Viewer& viewer, const Place& place,
                                                          std::function<bool()> allowed) {
    BULKHEAD_TRY_ASSIGN(auto console, find(viewer, place));
    BULKHEAD_TRY_ASSIGN(auto source,
                        streams_.open({viewer.user, console->feed, console, std::move(allowed)}));
    return std::make_unique<Reader<Console>>(std::move(console), std::move(source));
}

Answer<void> SerialConsoles::type(const Viewer& viewer, const Place& place, const std::string& bytes) {
    BULKHEAD_TRY_ASSIGN(const auto console, find(viewer, place));
    api::ConsoleInput input;
    input.set_data(bytes);
    const std::lock_guard lock(console->writing);
    if (!console->call->write(input.SerializeAsString()))
        return fail(Code::conflict, "the serial console has been closed by the other side", "console", {},
                    "open it again");
    return {};
}

Answer<void> SerialConsoles::close(const Viewer& viewer, const Place& place) {
    BULKHEAD_TRY_ASSIGN(const auto console, find(viewer, place));
    {
        const std::lock_guard lock(mutex_);
        consoles_.erase(place.id);
    }
    const std::lock_guard lock(console->writing);
    console->call->cancel();
    console->feed->finish();
    return {};
}

void SerialConsoles::reap(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        if (consoles_.empty())
            changed_.wait(lock, stop, [this] { return !consoles_.empty(); });
        else
            changed_.wait_for(lock, stop, patience_ / 4, [] { return false; });
        std::vector<Shared> abandoned;
        for (auto each = consoles_.begin(); each != consoles_.end();) {
            auto& console = *each->second;
            if (stop.stop_requested() ||
                (console.readers == 0 && Clock::now() - console.left.load() > patience_)) {
                abandoned.push_back(std::move(each->second));
                each = consoles_.erase(each);
            } else {
                ++each;
            }
        }
        lock.unlock();
        for (const auto& console : abandoned) {
            const std::lock_guard writing(console->writing);
            console->call->cancel();
            console->feed->finish();
        }
        lock.lock();
    }
}

}  // namespace bulkhead::console::http
