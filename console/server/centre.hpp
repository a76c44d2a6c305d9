// The parts of a console that serves, wired. Tests run one beside another.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "console/server/fleet.hpp"
#include "console/server/options.hpp"

namespace bulkhead::console {

class Centre {
  public:
    // gRPC answers when it returns. `clock` must outlive it.
    static Result<std::unique_ptr<Centre>> open(const std::filesystem::path& state,
                                                const ServeOptions& options, const Clock& clock);
    ~Centre();

    Fleet& fleet();
    int port() const;                    // of gRPC
    const std::string& address() const;  // HOST:PORT that gateways dial
    const std::string& pin() const;
    std::filesystem::path server_chain() const;
    std::filesystem::path server_key() const;
    // The password of the user admin, if it was made now; shown once.
    const std::string& first_password() const;

    // What is due: rounds, silent lines, gateways that a command removed, the console's certificate. Call a
    // few times a second.
    void tick();

  private:
    struct Parts;
    explicit Centre(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace bulkhead::console
