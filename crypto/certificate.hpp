// X.509 (RFC 5280) for the console's own small CA and the gateways' TLS identities. Keys are ECDSA P-256; all
// documents are PEM.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::crypto {

using UtcSeconds = std::chrono::sys_seconds;

Result<std::string> generate_tls_key();  // PKCS #8

struct CertificateRequest {
    std::string common_name;
    std::vector<std::string> names;  // DNS names and IP addresses (subjectAltName)
    bool is_ca = false;
    bool is_server = false;  // extended key usage serverAuth; else, unless a CA, clientAuth
    UtcSeconds not_before;
    UtcSeconds not_after;
};

// Self-signed with `key`.
Result<std::string> make_ca(const std::string& key, const CertificateRequest& request);
// PKCS #10 for `key`; the CA takes nothing from it but the public key.
Result<std::string> make_csr(const std::string& key, const std::string& common_name);
// The DER SubjectPublicKeyInfo of a CSR whose own signature is right.
Result<std::string> public_key_of_csr(std::string_view csr, const std::string& where);
// SubjectPublicKeyInfo of a private key.
Result<std::string> public_key_of(const std::string& key);
Result<std::string> issue_certificate(const std::string& ca_certificate, const std::string& ca_key,
                                      const std::string& public_key_der, const CertificateRequest& request);

struct CertificateFacts {
    std::string common_name;
    std::string serial;  // hexadecimal
    UtcSeconds not_before;
    UtcSeconds not_after;
    std::string sha256;      // of the DER, hexadecimal: the pin in a join string
    std::string public_key;  // DER SubjectPublicKeyInfo
};
Result<CertificateFacts> read_certificate(std::string_view pem, const std::string& where);

}  // namespace bulkhead::crypto
