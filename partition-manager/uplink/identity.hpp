// Who the gateway is to its console, in STATE/uplink (0700, files 0600): TLS key and certificate, the
// console's address and pinned CA, and the public keys of IT, which come from the person who enrols and never
// from a console. From any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "crypto/certificate.hpp"
#include "crypto/signing_key.hpp"

namespace bulkhead::uplink {

struct Membership {
    std::string gateway;
    std::string console;  // HOST:PORT
    std::string pin;      // SHA-256 of the console's CA, hexadecimal
    std::string ca_pem;
    std::string certificate;  // PEM of the gateway's
    std::string trust_anchor;
    std::string known_time;  // RFC 3339: the latest that the console told
    bool operator==(const Membership&) const = default;
};

class Identity {
  public:
    static Result<std::unique_ptr<Identity>> open(const std::filesystem::path& folder);

    std::optional<Membership> membership() const;
    Result<> put(Membership membership);
    // A new certificate for the same membership: of the console with this pin.
    Result<> put_certificate(const std::string& pin, const std::string& certificate,
                             const std::string& console_time);
    // Remembered if it is at least an hour later than what is known: it is a lower bound, not a clock.
    Result<> note_time(const std::string& console_time);
    std::optional<crypto::UtcSeconds> known_time() const;

    // PEM of the TLS key; made when it is asked for first.
    Result<std::string> key();
    // Code::not_found if there is none yet.
    Result<std::vector<crypto::VerifyKey>> it_keys() const;
    // One or more PEM blocks; replaces those that there are.
    Result<> put_it_keys(const std::string& pem);
    std::filesystem::path it_keys_path() const { return folder_ / "it.pub"; }
    const std::filesystem::path& folder() const { return folder_; }

  private:
    explicit Identity(std::filesystem::path folder) : folder_(std::move(folder)) {}
    Result<> store(const Membership& membership) const;
    Result<> keep(Membership membership);

    const std::filesystem::path folder_;
    mutable std::mutex mutex_;
    std::optional<Membership> membership_;
};

// One or more PEM blocks.
Result<std::vector<crypto::VerifyKey>> read_verify_keys(const std::string& pem, const std::string& where);
std::optional<crypto::UtcSeconds> parse_rfc3339(const std::string& text);

}  // namespace bulkhead::uplink
