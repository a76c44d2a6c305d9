#include "test_authority.hpp"

#include <openssl/ec.h>

#include <stdexcept>

#include "crypto/handles.hpp"
#include "crypto/point.hpp"

namespace bulkhead::testing_support {
namespace {

using crypto::Certificate;

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const crypto::Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1)
        throw std::runtime_error("no extension");
}

Certificate begun(const char* name, EVP_PKEY* key, const EndOptions& options) {
    Certificate certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 7);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), options.begins_in);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), options.ends_in);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                               crypto::in(name), -1, -1, 0);
    X509_set_pubkey(certificate.get(), key);
    return certificate;
}

Certificate root(EVP_PKEY* key, const EndOptions& options) {
    Certificate certificate = begun("Test authority", key, options);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    extend(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
    extend(certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign");
    X509_sign(certificate.get(), key, EVP_sha256());
    return certificate;
}

std::string pem_of(const Certificate& certificate) {
    const crypto::Bio bio = crypto::writing();
    PEM_write_bio_X509(bio.get(), certificate.get());
    return crypto::written(bio);
}

}  // namespace

struct TestAuthority::Parts {
    crypto::Key key{EVP_EC_gen("P-256")};
    Certificate certificate = root(key.get(), {});
};

TestAuthority::TestAuthority() : parts_(new Parts) {
}
TestAuthority::~TestAuthority() {
    delete parts_;
}

std::string TestAuthority::root_pem() const {
    return pem_of(parts_->certificate);
}

std::string TestAuthority::expired_root_pem() const {
    return pem_of(root(parts_->key.get(), {.begins_in = -7200, .ends_in = -3600}));
}

std::string TestAuthority::issue(const std::string& x, const std::string& y,
                                 const EndOptions& options) const {
    const crypto::Key key = crypto::key_of_point(x, y).value();
    Certificate certificate = begun("TPM", key.get(), options);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(parts_->certificate.get()));
    extend(certificate.get(), parts_->certificate.get(), NID_basic_constraints,
           options.is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extend(certificate.get(), parts_->certificate.get(), NID_ext_key_usage, options.usage);
    X509_sign(certificate.get(), parts_->key.get(), EVP_sha256());
    unsigned char* data = nullptr;
    const int size = i2d_X509(certificate.get(), &data);
    std::string der(reinterpret_cast<char*>(data), static_cast<std::size_t>(size));
    OPENSSL_free(data);
    return der;
}

}  // namespace bulkhead::testing_support
