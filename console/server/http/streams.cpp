#include "console/server/http/streams.hpp"

#include <utility>

namespace bulkhead::console::http {
namespace {

using Clock = std::chrono::steady_clock;

class FeedSource : public EventSource {
  public:
    FeedSource(Streams::Stream stream, std::chrono::milliseconds beat, std::shared_ptr<void> slot)
        : slot_(std::move(slot)),
          stream_(std::move(stream)),
          beat_(beat),
          looked_(Clock::now()),
          reader_(stream_.feed->take_over()) {}

    std::optional<std::string> next() override {
        auto text = stream_.feed->next(beat_, reader_);
        if (Clock::now() - looked_ >= beat_) {
            if (!stream_.allowed()) return std::nullopt;
            looked_ = Clock::now();
        }
        if (text && text->empty()) text = ":\n\n";
        return text;
    }

  private:
    std::shared_ptr<void> slot_;
    Streams::Stream stream_;
    std::chrono::milliseconds beat_;
    Clock::time_point looked_;
    std::uint64_t reader_;
};

}  // namespace

Streams::Streams(std::size_t most, std::size_t most_of_one, std::chrono::milliseconds beat)
    : places_(most, most_of_one), beat_(beat) {
}

Result<std::unique_ptr<EventSource>> Streams::open(Stream stream) {
    auto slot = places_.take(stream.user);
    if (!slot)
        return fail(Code::unavailable, "too many streams are open", "streams", {},
                    "close some of the console's windows");
    adopt(stream.feed);
    return std::make_unique<FeedSource>(std::move(stream), beat_, std::move(slot));
}

void Streams::adopt(const std::shared_ptr<Feed>& feed) {
    const std::lock_guard lock(mutex_);
    std::erase_if(feeds_, [](const auto& each) { return each.expired(); });
    if (stopped_) feed->finish();
    feeds_.push_back(feed);
}

void Streams::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    for (const auto& each : feeds_)
        if (const auto feed = each.lock()) feed->finish();
}

}  // namespace bulkhead::console::http
