// Ed25519 (RFC 8032) keys of people: IT signs specs with one, a vendor its bundles.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::crypto {

class VerifyKey {
  public:
    // PEM (SubjectPublicKeyInfo, RFC 8410). Any other kind of key is Code::invalid.
    static Result<VerifyKey> from_pem(std::string_view pem, const std::string& where);
    static Result<VerifyKey> read(const std::filesystem::path& path);
    static Result<VerifyKey> from_raw(std::string_view raw32);

    const std::string& raw() const { return raw_; }  // 32 bytes
    std::string pem() const;
    // "SHA256:" and base64url of the digest of the raw key: what people compare.
    std::string id() const;
    bool verifies(std::string_view message, std::string_view signature) const;
    bool operator==(const VerifyKey&) const = default;

  private:
    explicit VerifyKey(std::string raw) : raw_(std::move(raw)) {}
    std::string raw_;
};

class SigningKey {
  public:
    static SigningKey generate();
    // PEM (PKCS #8, unencrypted).
    static Result<SigningKey> from_pem(std::string_view pem, const std::string& where);
    static Result<SigningKey> read(const std::filesystem::path& path);

    std::string pem() const;
    VerifyKey verify_key() const;
    std::string sign(std::string_view message) const;  // 64 bytes, deterministic

  private:
    explicit SigningKey(std::string seed) : seed_(std::move(seed)) {}
    std::string seed_;
};

}  // namespace bulkhead::crypto
