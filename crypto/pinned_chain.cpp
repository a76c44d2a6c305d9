#include "crypto/pinned_chain.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>
#include <vector>

#include "crypto/encoding.hpp"

namespace bulkhead::crypto {
namespace {

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_STORE* store) const { X509_STORE_free(store); }
    void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

constexpr std::size_t longest_chain = 8;
constexpr std::size_t chain_limit = 128 * 1024;

std::vector<Owned<X509>> read_all(std::string_view pem) {
    std::vector<Owned<X509>> all;
    if (pem.size() > chain_limit) return all;
    const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    while (bio && all.size() < longest_chain) {
        Owned<X509> one(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
        if (!one) break;
        all.push_back(std::move(one));
    }
    ERR_clear_error();
    return all;
}

std::string digest_of(X509* certificate) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (X509_digest(certificate, EVP_sha256(), digest, &length) != 1) return {};
    return to_hex({reinterpret_cast<const char*>(digest), length});
}

std::string pem_of(X509* certificate) {
    const Owned<BIO> bio(BIO_new(BIO_s_mem()));
    if (!bio || PEM_write_bio_X509(bio.get(), certificate) != 1) return {};
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

bool expired_at(X509* certificate, UtcSeconds time) {
    auto seconds = static_cast<time_t>(time.time_since_epoch().count());
    return X509_cmp_time(X509_get0_notAfter(certificate), &seconds) < 0;
}

X509* pinned_among(const std::vector<Owned<X509>>& certificates, const std::string& pin) {
    for (const auto& one : certificates)
        if (equal_in_constant_time(digest_of(one.get()), pin)) return one.get();
    return nullptr;
}

Result<> verify(X509* leaf, X509* ca, const std::string& where) {
    const Owned<X509_STORE> store(X509_STORE_new());
    const Owned<X509_STORE_CTX> context(X509_STORE_CTX_new());
    if (!store || !context || X509_STORE_add_cert(store.get(), ca) != 1 ||
        X509_STORE_CTX_init(context.get(), store.get(), leaf, nullptr) != 1)
        return fail(Code::internal, "OpenSSL has no memory", where);
    X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_X509_STRICT);
    X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER);
    if (X509_verify_cert(context.get()) == 1) return {};
    const int reason = X509_STORE_CTX_get_error(context.get());
    ERR_clear_error();
    return fail(Code::refused,
                std::string("the server's certificate is not of the pinned CA (") +
                    X509_verify_cert_error_string(reason) + ")",
                where, "the console that was joined", "if the console was made anew, enrol again");
}

}  // namespace

Result<std::string> check_pinned_chain(std::string_view chain_pem, const std::string& pin,
                                       const std::string& ca_pem, std::optional<UtcSeconds> known_time,
                                       const std::string& where) {
    const auto chain = read_all(chain_pem);
    if (chain.empty()) return fail(Code::refused, "the server shows no certificate", where);
    auto known = read_all(ca_pem);
    X509* ca = pin == any_ca ? chain.back().get() : pinned_among(known, pin);
    if (ca == nullptr) ca = pinned_among(chain, pin);
    if (ca == nullptr)
        return fail(Code::refused, "no certificate of the server has the pinned SHA-256", where, pin,
                    "the join string is another console's, or somebody stands in between");
    // Of two meanings of "the pinned one is the leaf" neither is wanted: a CA does not serve.
    if (chain.front().get() == ca) return fail(Code::refused, "the server shows the CA as its own", where);
    BULKHEAD_TRY(verify(chain.front().get(), ca, where));
    if (known_time && (expired_at(chain.front().get(), *known_time) || expired_at(ca, *known_time)))
        return fail(Code::refused, "the server's certificate has expired", where, {},
                    "renew it on the console");
    return pem_of(ca);
}

}  // namespace bulkhead::crypto
