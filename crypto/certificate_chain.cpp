#include "crypto/certificate_chain.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <memory>

#include "crypto/handles.hpp"
#include "crypto/point.hpp"

namespace bulkhead::crypto {
namespace {

void free_stack(STACK_OF(X509) * stack) {
    sk_X509_pop_free(stack, X509_free);
}
using Stack = std::unique_ptr<STACK_OF(X509), Release<free_stack>>;
using Store = std::unique_ptr<X509_STORE, Release<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Release<X509_STORE_CTX_free>>;
using Usages = std::unique_ptr<EXTENDED_KEY_USAGE, Release<EXTENDED_KEY_USAGE_free>>;

// NV areas are larger than the certificate in them; what follows must be filling.
Result<Certificate> parse(std::string_view der) {
    const unsigned char* position = in(der);
    Certificate certificate(d2i_X509(nullptr, &position, static_cast<long>(der.size())));
    ERR_clear_error();
    if (!certificate) return fail(Code::invalid, "the certificate is malformed", {}, "X.509 in DER");
    const std::string_view rest = der.substr(static_cast<std::size_t>(position - in(der)));
    if (rest.find_first_not_of(std::string_view("\0\xff", 2)) != std::string_view::npos)
        return fail(Code::invalid,
                    "the certificate is followed by " + std::to_string(rest.size()) + " bytes");
    return certificate;
}

bool states(X509* certificate, const std::string& usage) {
    const Usages usages(
        static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
    for (int i = 0; usages && i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
        std::array<char, 80> text{};
        OBJ_obj2txt(text.data(), text.size(), sk_ASN1_OBJECT_value(usages.get(), i), 1);
        if (usage == text.data()) return true;
    }
    return false;
}

bool means_no_known_root(int error) {
    return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
           error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT || error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
           error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
           error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
}

}  // namespace

Result<EndCertificate> check_end_certificate(std::string_view der, const std::string& roots_pem,
                                             const std::string& usage) {
    BULKHEAD_TRY_ASSIGN(const Certificate certificate, parse(der));
    if (!states(certificate.get(), usage))
        return fail(Code::refused, "the certificate is for another usage", {}, usage);
    if (X509_check_ca(certificate.get()) != 0)
        return fail(Code::refused, "the certificate is that of an authority, not of a key");
    EndCertificate end;
    BULKHEAD_TRY_ASSIGN(const auto point, point_of(X509_get0_pubkey(certificate.get())));
    end.x = point.first;
    end.y = point.second;

    const Store store(X509_STORE_new());
    const Stack between(sk_X509_new_null());
    const StoreContext context(X509_STORE_CTX_new());
    if (!store || !between || !context) return fail(Code::internal, "OpenSSL has no memory");
    const Bio bio = reading(roots_pem);
    while (Certificate known{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)}) {
        if (X509_self_signed(known.get(), 0) == 1)
            X509_STORE_add_cert(store.get(), known.get());
        else if (sk_X509_push(between.get(), known.get()) > 0)
            static_cast<void>(known.release());
    }
    ERR_clear_error();
    if (X509_STORE_CTX_init(context.get(), store.get(), certificate.get(), between.get()) != 1)
        return fail(Code::internal, "OpenSSL can't check a certificate");
    end.known_root = X509_verify_cert(context.get()) == 1;
    const int error = X509_STORE_CTX_get_error(context.get());
    ERR_clear_error();
    if (end.known_root || means_no_known_root(error)) return end;
    return fail(Code::refused,
                std::string("the certificate's path is wrong: ") + X509_verify_cert_error_string(error));
}

}  // namespace bulkhead::crypto
