#include "crypto/certificate.hpp"

#include <openssl/ec.h>

#include <cstdlib>

#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "crypto/handles.hpp"
#include "crypto/random.hpp"

namespace bulkhead::crypto {
namespace {

constexpr std::size_t serial_size = 16;

std::unexpected<Error> unreadable(const char* what, const std::string& where) {
    return fail(Code::invalid, std::string("holds no ") + what, where, "PEM");
}
std::unexpected<Error> not_made(const char* what) {
    return fail(Code::internal, std::string("OpenSSL can't make the ") + what);
}

Key read_key(std::string_view pem) {
    return Key(PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, no_password, nullptr));
}
Certificate read_x509(std::string_view pem) {
    return Certificate(PEM_read_bio_X509(reading(pem).get(), nullptr, no_password, nullptr));
}

template <auto encode, class T>
std::string der_of(T* object) {
    unsigned char* data = nullptr;
    const int size = encode(object, &data);
    if (size <= 0) std::abort();  // of an object that OpenSSL made or parsed: memory alone can fail
    std::string der(reinterpret_cast<char*>(data), static_cast<std::size_t>(size));
    OPENSSL_free(data);
    return der;
}

// GeneralizedTime where the century needs it (RFC 5280 clause 4.1.2.5).
bool set_time(ASN1_TIME* target, UtcSeconds time) {
    return ASN1_TIME_set(target, std::chrono::system_clock::to_time_t(time)) != nullptr;
}

UtcSeconds time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    return UtcSeconds(std::chrono::seconds(::timegm(&parts)));
}

bool add_name(X509_NAME* name, const std::string& common_name) {
    return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, in(common_name),
                                      static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool is_address(const std::string& name) {
    return name.find(':') != std::string::npos || name.find_first_not_of("0123456789.") == std::string::npos;
}

std::string alternative_names(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names)
        text.append(text.empty() ? "" : ",").append(is_address(name) ? "IP:" : "DNS:").append(name);
    return text;
}

bool add_extensions(X509* certificate, X509* issuer, const CertificateRequest& request) {
    if (!add_extension(certificate, issuer, NID_subject_key_identifier, "hash")) return false;
    if (request.is_ca)
        return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
               add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    const char* usage = request.is_server ? "serverAuth" : "clientAuth";
    return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, issuer, NID_ext_key_usage, usage) &&
           add_extension(certificate, issuer, NID_authority_key_identifier, "keyid") &&
           (request.names.empty() ||
            add_extension(certificate, issuer, NID_subject_alt_name, alternative_names(request.names)));
}

bool set_serial(X509* certificate) {
    auto serial = random_bytes(serial_size);
    serial[0] = static_cast<char>((serial[0] & 0x7F) | 0x40);  // positive, and of one length
    const std::unique_ptr<BIGNUM, Release<BN_free>> number(BN_bin2bn(in(serial), serial_size, nullptr));
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

// `issuer` null: self-signed.
Result<std::string> make(X509* issuer, EVP_PKEY* issuer_key, EVP_PKEY* subject_key,
                         const CertificateRequest& request) {
    const Certificate certificate(X509_new());
    if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
        !set_serial(certificate.get()) ||
        !set_time(X509_getm_notBefore(certificate.get()), request.not_before) ||
        !set_time(X509_getm_notAfter(certificate.get()), request.not_after) ||
        !add_name(X509_get_subject_name(certificate.get()), request.common_name) ||
        X509_set_pubkey(certificate.get(), subject_key) != 1)
        return not_made("certificate");
    X509* const by = issuer == nullptr ? certificate.get() : issuer;
    if (X509_set_issuer_name(certificate.get(), X509_get_subject_name(by)) != 1 ||
        !add_extensions(certificate.get(), by, request) ||
        X509_sign(certificate.get(), issuer_key, EVP_sha256()) == 0)
        return not_made("certificate: its names may be at fault");
    const Bio bio = writing();
    if (PEM_write_bio_X509(bio.get(), certificate.get()) != 1) return not_made("PEM file");
    return written(bio);
}

bool is_p256(const Key& key) {
    std::string group(64, '\0');
    std::size_t size = 0;
    return key && EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_EC &&
           EVP_PKEY_get_group_name(key.get(), group.data(), group.size(), &size) == 1 &&
           group.substr(0, size) == "prime256v1";
}

}  // namespace

Result<std::string> generate_tls_key() {
    const Key key(EVP_EC_gen("P-256"));
    const Bio bio = writing();
    if (!key ||
        PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return not_made("TLS key");
    return written(bio);
}

Result<std::string> make_ca(const std::string& key, const CertificateRequest& request) {
    const Key own = read_key(key);
    if (!own) return unreadable("private key", "the CA's key");
    return make(nullptr, own.get(), own.get(), request);
}

Result<std::string> make_csr(const std::string& key, const std::string& common_name) {
    const Key own = read_key(key);
    if (!own) return unreadable("private key", "the TLS key");
    const Request request(X509_REQ_new());
    const Bio bio = writing();
    if (!request || !add_name(X509_REQ_get_subject_name(request.get()), common_name) ||
        X509_REQ_set_pubkey(request.get(), own.get()) != 1 ||
        X509_REQ_sign(request.get(), own.get(), EVP_sha256()) == 0 ||
        PEM_write_bio_X509_REQ(bio.get(), request.get()) != 1)
        return not_made("certificate request");
    return written(bio);
}

Result<std::string> public_key_of_csr(std::string_view csr, const std::string& where) {
    const Request request(PEM_read_bio_X509_REQ(reading(csr).get(), nullptr, no_password, nullptr));
    if (!request) return unreadable("certificate request", where);
    const Key key(X509_REQ_get_pubkey(request.get()));
    if (!is_p256(key)) return fail(Code::invalid, "asks for a key of another kind", where, "ECDSA P-256");
    if (X509_REQ_verify(request.get(), key.get()) != 1)
        return fail(Code::invalid, "is not signed by its own key", where);
    return der_of<i2d_PUBKEY>(key.get());
}

Result<std::string> public_key_of(const std::string& key) {
    const Key own = read_key(key);
    if (!own) return unreadable("private key", "the TLS key");
    return der_of<i2d_PUBKEY>(own.get());
}

Result<std::string> issue_certificate(const std::string& ca_certificate, const std::string& ca_key,
                                      const std::string& public_key_der, const CertificateRequest& request) {
    const Certificate issuer = read_x509(ca_certificate);
    if (!issuer) return unreadable("certificate", "the CA's certificate");
    const Key issuer_key = read_key(ca_key);
    if (!issuer_key) return unreadable("private key", "the CA's key");
    const unsigned char* data = in(public_key_der);
    const Key subject(d2i_PUBKEY(nullptr, &data, static_cast<long>(public_key_der.size())));
    if (!is_p256(subject)) return fail(Code::invalid, "the public key is of another kind", {}, "ECDSA P-256");
    return make(issuer.get(), issuer_key.get(), subject.get(), request);
}

Result<CertificateFacts> read_certificate(std::string_view pem, const std::string& where) {
    const Certificate certificate = read_x509(pem);
    if (!certificate) return unreadable("certificate", where);
    const Key key(X509_get_pubkey(certificate.get()));
    if (!key) return unreadable("certificate with a key", where);
    std::string name(256, '\0');
    const int size = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName,
                                               name.data(), static_cast<int>(name.size()));
    name.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate.get());
    const std::string number(reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)),
                             static_cast<std::size_t>(ASN1_STRING_length(serial)));
    return CertificateFacts{name,
                            to_hex(number),
                            time_of(X509_get0_notBefore(certificate.get())),
                            time_of(X509_get0_notAfter(certificate.get())),
                            to_hex(sha256_raw(der_of<i2d_X509>(certificate.get()))),
                            der_of<i2d_PUBKEY>(key.get())};
}

}  // namespace bulkhead::crypto
