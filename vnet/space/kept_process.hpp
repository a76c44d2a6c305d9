// The manager's side of a process that has a network of its own: one order in a file, one control socket. It
// is started if it is not there, asked to read its order again if it is, and ended with all that is its.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::vnet {

// What such a process may be asked.
inline constexpr std::string_view reload_request = "reload";
inline constexpr std::string_view stop_request = "stop";

// Starts the program argv[0] with its arguments, so that it outlives the caller.
using StartProcess = std::function<Result<>(const std::vector<std::string>& argv)>;

class KeptProcess {
  public:
    struct Places {
        std::filesystem::path config;   // what it is to be
        std::filesystem::path control;  // where it says what it is
        std::filesystem::path folder;   // for what it writes
    };
    // What each such process says beside the rest.
    struct Said {
        std::string config;  // config_id() of the order in force
        std::string error;   // why it is not in force whole
    };
    using Read = std::function<Result<Said>(std::string_view payload)>;

    // `what` it is, for errors: router. Its program is bulkhead- and that.
    KeptProcess(std::string what, std::string name, Places places, Read read)
        : what_(std::move(what)),
          name_(std::move(name)),
          places_(std::move(places)),
          read_(std::move(read)) {}

    // Its state as it says it, from its control socket.
    Result<std::string> payload() const;
    // There is one, whatever it says and however long that takes it. Only who can't be reached has ended.
    bool is_there() const;
    // It is not there, or hangs; not merely late, for ending it would cut what it carries.
    bool is_silent() const;
    // Nothing is wrong with it under this order, or what is.
    std::string flaw_under(const std::string& order) const;
    // The order is on disk before the process is told: whoever starts it makes it that. Returns when it says
    // that the order is in force.
    Result<> become(const std::string& order, const StartProcess& start) const;
    // The process alone, if it is there: gone when this returns. One that hangs is ended by force, also if it
    // takes no connections any more.
    Result<> end() const;
    // And all that it left; its order last, so that until then it is seen.
    Result<> remove() const;

  private:
    std::vector<std::string> arguments() const;
    Result<> kill_unreachable() const;
    Result<std::string> payload_within(std::chrono::milliseconds deadline) const;
    Result<Said> said_within(std::chrono::milliseconds deadline) const;
    Result<> await(const std::string& config) const;

    const std::string what_;
    const std::string name_;
    const Places places_;
    const Read read_;
};

// Of whom there are orders in the folder: their names, without .json.
std::vector<std::string> ordered_in(const std::filesystem::path& folder);

}  // namespace bulkhead::vnet
