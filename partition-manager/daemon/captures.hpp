// Captures that run: each has a helper of its own, which reads the frames, and a thread of its caller's,
// which passes them on as fast as they are taken.
#pragma once

#include <functional>
#include <stop_token>

#include "base/fd.hpp"
#include "base/places.hpp"
#include "partition-manager/daemon/capture_grant.hpp"

namespace bulkhead::daemon {

class Captures {
  public:
    // Starts the helper with this end of its socket.
    using Start = std::function<Result<>(int socket)>;
    // Takes a piece, and may block meanwhile; false: nobody reads any more.
    using Sink = std::function<bool(const v1alpha1::CapturePiece&)>;

    static constexpr std::size_t most = 16;
    static constexpr std::size_t most_of_one = 4;

    Captures(SwitchSources sources, Start start, std::stop_token stop)
        : sources_(std::move(sources)), start_(std::move(start)), stop_(std::move(stop)) {}

    // Until a limit is reached, the caller has left (then `is_cancelled`, which is asked now and then), or
    // the manager stops. Recorded as the event switch.capture, when it begins and when it ends. Blocks.
    // Errors: as of grant_capture(); Code::unavailable if too many run, or an interface is not there or no
    // more.
    Result<> run(const v1alpha1::CaptureRequest& request, const Caller& caller, const Sink& sink,
                 const std::function<bool()>& is_cancelled);

  private:
    struct Course;
    Result<> begin(Course& course) const;
    Result<> pass_on(Course& course, const Sink& sink, const std::function<bool()>& is_cancelled) const;
    void record(const Course& course, const std::string& text) const;

    const SwitchSources sources_;
    const Start start_;
    const std::stop_token stop_;
    Places places_{most, most_of_one};
};

}  // namespace bulkhead::daemon
