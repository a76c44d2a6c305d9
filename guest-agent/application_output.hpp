// What an application prints, as bounded lines at a bounded rate, and the little that some lines mean.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace bulkhead::agent {

inline constexpr std::size_t longest_line = 1024;

// Cuts a stream into lines of at most longest_line bytes; the rest of a longer one is left out.
class LineCutter {
  public:
    // `line` is called with each whole line, control characters removed.
    void feed(std::string_view chunk, const std::function<void(std::string)>& line);
    // The unfinished line at the end of the stream, if any.
    void finish(const std::function<void(std::string)>& line);

  private:
    std::string partial_;
};

// The text protocol of an application's standard output (guest-agent/README.md).
struct Meaning {
    enum class Kind {
        log,
        reading,   // "reading: TEXT": the latest value
        degraded,  // "degraded: WHY": it runs, but its work does not
        fine,      // "ok": its work is going well (again)
    };
    Kind kind = Kind::log;
    std::string_view text;
};
Meaning meaning_of(std::string_view line);

}  // namespace bulkhead::agent
