// Serial consoles that browsers have open: each a call to a gateway, its waiting output, and whose it is.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "console/server/fleet.hpp"
#include "console/server/http/feed.hpp"
#include "console/server/http/streams.hpp"

namespace bulkhead::console::http {

class SerialConsoles {
  public:
    // One whose output nobody reads for `patience` is closed.
    SerialConsoles(Fleet& fleet, Streams& streams, std::chrono::milliseconds patience);
    ~SerialConsoles();

    struct Place {
        std::string gateway, partition, id;
    };
    // The id. Code::unavailable if too many are open.
    Answer<std::string> open(const Viewer& viewer, const std::string& gateway, const std::string& partition);
    // A later reader takes over. Code::not_found for what is not this viewer's.
    Answer<std::unique_ptr<EventSource>> read(const Viewer& viewer, const Place& place,
                                              std::function<bool()> allowed);
    Answer<void> type(const Viewer& viewer, const Place& place, const std::string& bytes);
    Answer<void> close(const Viewer& viewer, const Place& place);

  private:
    struct Console;
    // Shared: a stream reads its output while another request closes it.
    using Shared = std::shared_ptr<Console>;
    Answer<Shared> find(const Viewer& viewer, const Place& place);
    void reap(const std::stop_token& stop);

    Fleet& fleet_;
    Streams& streams_;
    Places places_;
    const std::chrono::milliseconds patience_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::map<std::string, Shared> consoles_;
    std::jthread reaper_;  // last: it uses all above
};

}  // namespace bulkhead::console::http
