// Owners of serial lines, started by the mode that the partition manager uses, and a guest's ends of them.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "model/layout.hpp"
#include "passthrough/serial_lines.hpp"

namespace bulkhead::benchmarks {

class Lines {
  public:
    // `programs`: the folder that serial/bulkhead-serial and line/bulkhead-line are in. Their sockets go
    // below `folder`.
    Lines(const std::filesystem::path& programs, const std::filesystem::path& folder);
    ~Lines();  // ends all owners
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;

    // Serves when it returns, and has the terminal `at` open. `rules` as in "modbus; unit 1 read coils 0".
    Result<> assign(const std::string& device, const std::string& partition, const std::filesystem::path& at,
                    std::string_view rules, std::string_view line = "115200 8N1");
    Result<> release(const std::string& device);
    // As QEMU does.
    Result<Fd> connect(const std::string& device) const;

  private:
    Result<> await_line(const model::DeviceName& device) const;

    model::Layout layout_;
    passthrough::SerialLines lines_;
    std::uint64_t token_ = 0;
};

}  // namespace bulkhead::benchmarks
