// All streams that are open: how many there may be, whether their viewers may still see them, and their end
// when the server stops.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/places.hpp"
#include "console/server/http/exchange.hpp"
#include "console/server/http/feed.hpp"

namespace bulkhead::console::http {

class Streams {
  public:
    // A comment line is sent, and the viewer's right looked at again, every `beat`.
    Streams(std::size_t most, std::size_t most_of_one, std::chrono::milliseconds beat);

    struct Stream {
        std::string user;
        std::shared_ptr<Feed> feed;    // shared with those who speak into it, on other threads
        std::shared_ptr<void> keeper;  // what the stream needs to live: a watch, a call
        std::function<bool()> allowed;
    };
    // Code::unavailable if there are too many, in all or of this user.
    Result<std::unique_ptr<EventSource>> open(Stream stream);

    // The feed is finished when the server stops.
    void adopt(const std::shared_ptr<Feed>& feed);
    // All feeds end; new ones end at once.
    void stop();

  private:
    Places places_;
    const std::chrono::milliseconds beat_;
    std::mutex mutex_;
    std::vector<std::weak_ptr<Feed>> feeds_;
    bool stopped_ = false;
};

}  // namespace bulkhead::console::http
