// The console's own small CA: made at the first start, pinned by gateways when they join. It issues the
// gateways' certificates and the console's own.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "console/store/store.hpp"
#include "crypto/certificate.hpp"

namespace bulkhead::console {

struct AuthorityOptions {
    std::filesystem::path
        folder;  // of server.key, server.pem and ca.pem, which gRPC reads again when they change
    std::vector<std::string> names;  // DNS names and addresses of the console
    std::chrono::seconds gateway_lifetime{std::chrono::days{30}};
    std::chrono::seconds server_lifetime{std::chrono::days{90}};
};

class Authority {
  public:
    static Result<std::unique_ptr<Authority>> open(Store& store, const Clock& clock,
                                                   AuthorityOptions options);

    const std::string& certificate() const { return row_.certificate; }
    const std::string& pin() const { return pin_; }  // SHA-256 of its DER, hexadecimal

    struct Issued {
        std::string certificate;  // PEM
        std::string serial;
        crypto::UtcSeconds not_after;
    };
    // Valid since 1970: a gateway whose clock stands there after a dead battery shows it too.
    Result<Issued> issue(const std::string& gateway, const std::string& public_key_der) const;
    std::chrono::seconds gateway_lifetime() const { return options_.gateway_lifetime; }

    // Makes the console's own certificate anew when it is past half its life. Call now and then.
    Result<> renew_server_certificate();

    std::filesystem::path server_key() const { return options_.folder / "server.key"; }
    std::filesystem::path server_chain() const { return options_.folder / "server.pem"; }
    std::filesystem::path ca_file() const { return options_.folder / "ca.pem"; }

  private:
    Authority(const Clock& clock, AuthorityOptions options, CaRow row, std::string pin)
        : clock_(clock), options_(std::move(options)), row_(std::move(row)), pin_(std::move(pin)) {}
    crypto::UtcSeconds now() const;
    Result<std::string> own_key() const;
    Result<bool> is_fresh() const;

    const Clock& clock_;
    const AuthorityOptions options_;
    const CaRow row_;
    const std::string pin_;
    std::mutex mutex_;
};

}  // namespace bulkhead::console
