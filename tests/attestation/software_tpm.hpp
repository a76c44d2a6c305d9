// A real swtpm with its state in a temporary folder. Each start is a reset of the TPM, as a machine's
// power-on is.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "base/fd.hpp"

namespace bulkhead::testing_support {

class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

class SoftwareTpm {
  public:
    SoftwareTpm() { start(); }
    ~SoftwareTpm() { stop(); }
    SoftwareTpm(const SoftwareTpm&) = delete;
    SoftwareTpm& operator=(const SoftwareTpm&) = delete;

    void start();  // returns when it answers on its sockets
    void stop();   // ends it and waits
    void restart() {
        stop();
        start();
    }

    std::string tcti() const { return "swtpm:path=" + socket(); }
    std::string socket() const { return folder_.path() / "tpm"; }
    // A connection such as a guest's /dev/tpmrm0 is: commands in, responses out.
    Fd connect() const;
    // What the TPM remembers. Copy it while the TPM is stopped.
    std::filesystem::path state() const { return folder_.path() / "state"; }
    // Puts another state in the place of its own; the TPM must be stopped.
    void replace_state(const std::filesystem::path& by);

  private:
    TemporaryFolder folder_;
    pid_t pid_ = 0;
};

}  // namespace bulkhead::testing_support
