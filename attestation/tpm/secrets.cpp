// HostTpm's keeping of secrets: its certificate, activation of credentials, sealing.
#include <tss2/tss2_mu.h>

#include <array>

#include "attestation/tpm/host_tpm.hpp"
#include "attestation/tpm/session.hpp"
#include "attestation/wire/algorithms.hpp"
#include "attestation/wire/public_area.hpp"
#include "attestation/wire/reader.hpp"

namespace bulkhead::attestation {
namespace {

constexpr TPM2_HANDLE ek_certificate_index = 0x01c0000a;  // ECC P-256, EK Credential Profile clause 2.2.1.4
constexpr UINT16 nv_chunk = 512;                          // what any TPM reads at once
constexpr std::size_t certificate_limit = 4096;
constexpr std::size_t secret_limit = 128;  // of sealed data, Part 2 clause 11.1.14

// The storage key of the TCG provisioning guidance, ECC P-256.
std::string storage_template() {
    wire::PublicArea area = wire::ek_area();
    area.attributes = wire::fixed_tpm | wire::fixed_parent | wire::sensitive_data_origin |
                      wire::user_with_auth | wire::no_da | wire::restricted | wire::decrypt;
    area.auth_policy.clear();
    return wire::encode_public(area);
}

TPM2B_PUBLIC sealed_object() {
    TPM2B_PUBLIC area{};
    area.publicArea.type = TPM2_ALG_KEYEDHASH;
    area.publicArea.nameAlg = TPM2_ALG_SHA256;
    area.publicArea.objectAttributes =
        TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA;
    area.publicArea.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
    return area;
}

template <class Structure>
const std::uint8_t* bytes_of(const Structure& text) {
    return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace

Result<std::string> HostTpm::ek_certificate() {
    BULKHEAD_TRY_ASSIGN(const bool there, session_->has_nv_index(ek_certificate_index));
    if (!there) return std::string();
    ESYS_CONTEXT* esys = session_->esys.get();
    ESYS_TR index = none;
    BULKHEAD_TRY(session_->ok(Esys_TR_FromTPMPublic(esys, ek_certificate_index, none, none, none, &index),
                              "find its certificate"));
    TPM2B_NV_PUBLIC* area = nullptr;
    BULKHEAD_TRY(session_->ok(Esys_NV_ReadPublic(esys, index, none, none, none, &area, nullptr),
                              "say how long its certificate is"));
    const Given<TPM2B_NV_PUBLIC> given(area);
    const UINT16 size = area->nvPublic.dataSize;
    if (size > certificate_limit)
        return fail(Code::corrupt, "the TPM's certificate has " + std::to_string(size) + " bytes",
                    session_->where);
    std::string certificate;
    while (certificate.size() < size) {
        const auto rest = static_cast<UINT16>(size - certificate.size());
        TPM2B_MAX_NV_BUFFER* data = nullptr;
        BULKHEAD_TRY(session_->ok(
            Esys_NV_Read(esys, index, index, ESYS_TR_PASSWORD, none, none, std::min(rest, nv_chunk),
                         static_cast<UINT16>(certificate.size()), &data),
            "read its certificate"));
        const Given<TPM2B_MAX_NV_BUFFER> given_data(data);
        if (data->size == 0) return fail(Code::corrupt, "the TPM's certificate ends early", session_->where);
        certificate += text_of(*data);
    }
    return certificate;
}

Result<std::string> HostTpm::activate(std::string_view credential, std::string_view secret) {
    ESYS_CONTEXT* esys = session_->esys.get();
    TPM2B_ID_OBJECT id_object{};
    TPM2B_ENCRYPTED_SECRET encrypted{};
    wire::Reader reader(credential);
    const std::string_view object = reader.sized(sizeof(id_object.credential));
    BULKHEAD_TRY(reader.end("TPM2B_ID_OBJECT"));
    id_object.size = static_cast<UINT16>(object.size());
    std::copy(object.begin(), object.end(), id_object.credential);
    wire::Reader secret_reader(secret);
    const std::string_view share = secret_reader.sized(sizeof(encrypted.secret));
    BULKHEAD_TRY(secret_reader.end("TPM2B_ENCRYPTED_SECRET"));
    encrypted.size = static_cast<UINT16>(share.size());
    std::copy(share.begin(), share.end(), encrypted.secret);

    BULKHEAD_TRY_ASSIGN(const auto ek, session_->make_primary(ESYS_TR_RH_ENDORSEMENT, wire::ek_template(),
                                                              "make its endorsement key"));
    const TPMT_SYM_DEF no_encryption{.algorithm = TPM2_ALG_NULL, .keyBits = {}, .mode = {}};
    ESYS_TR policy = none;
    BULKHEAD_TRY(session_->ok(Esys_StartAuthSession(esys, none, none, none, none, none, nullptr,
                                                    TPM2_SE_POLICY, &no_encryption, TPM2_ALG_SHA256, &policy),
                              "start a session"));
    const Loaded session(esys, policy);
    BULKHEAD_TRY(session_->ok(Esys_PolicySecret(esys, ESYS_TR_RH_ENDORSEMENT, policy, ESYS_TR_PASSWORD, none,
                                                none, nullptr, nullptr, nullptr, 0, nullptr, nullptr),
                              "satisfy its endorsement key's policy"));
    TPM2B_DIGEST* given = nullptr;
    BULKHEAD_TRY(
        session_->ok(Esys_ActivateCredential(esys, session_->ak.get(), ek.key.get(), ESYS_TR_PASSWORD, policy,
                                             none, &id_object, &encrypted, &given),
                     "activate the credential, which was made for another key or another TPM"));
    const Given<TPM2B_DIGEST> owned(given);
    return text_of(*given);
}

Result<std::string> HostTpm::seal(std::string_view secret) {
    TPM2B_SENSITIVE_CREATE sensitive{};
    if (secret.empty() || secret.size() > secret_limit || !fill(sensitive.sensitive.data, secret))
        return fail(Code::invalid, "the TPM seals 1 to 128 bytes, not " + std::to_string(secret.size()));
    BULKHEAD_TRY_ASSIGN(const auto storage,
                        session_->make_primary(ESYS_TR_RH_OWNER, storage_template(), "make its storage key"));
    const TPM2B_PUBLIC in_public = sealed_object();
    const TPM2B_DATA outside{};
    const TPML_PCR_SELECTION creation_pcrs{};
    TPM2B_PRIVATE* out_private = nullptr;
    TPM2B_PUBLIC* out_public = nullptr;
    BULKHEAD_TRY(session_->ok(Esys_Create(session_->esys.get(), storage.key.get(), ESYS_TR_PASSWORD, none,
                                          none, &sensitive, &in_public, &outside, &creation_pcrs,
                                          &out_private, &out_public, nullptr, nullptr, nullptr),
                              "seal"));
    const Given<TPM2B_PRIVATE> given_private(out_private);
    const Given<TPM2B_PUBLIC> given_public(out_public);
    std::array<std::uint8_t, sizeof(TPM2B_PRIVATE) + sizeof(TPM2B_PUBLIC)> bytes{};
    std::size_t size = 0;
    BULKHEAD_TRY(
        session_->ok(Tss2_MU_TPM2B_PUBLIC_Marshal(out_public, bytes.data(), bytes.size(), &size), "seal"));
    BULKHEAD_TRY(
        session_->ok(Tss2_MU_TPM2B_PRIVATE_Marshal(out_private, bytes.data(), bytes.size(), &size), "seal"));
    return std::string(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
}

Result<std::string> HostTpm::unseal(std::string_view sealed) {
    TPM2B_PUBLIC in_public{};
    TPM2B_PRIVATE in_private{};
    std::size_t offset = 0;
    if (Tss2_MU_TPM2B_PUBLIC_Unmarshal(bytes_of(sealed), sealed.size(), &offset, &in_public) !=
            TSS2_RC_SUCCESS ||
        Tss2_MU_TPM2B_PRIVATE_Unmarshal(bytes_of(sealed), sealed.size(), &offset, &in_private) !=
            TSS2_RC_SUCCESS ||
        offset != sealed.size())
        return fail(Code::corrupt, "this is nothing that a TPM sealed");
    BULKHEAD_TRY_ASSIGN(const auto storage,
                        session_->make_primary(ESYS_TR_RH_OWNER, storage_template(), "make its storage key"));
    ESYS_CONTEXT* esys = session_->esys.get();
    ESYS_TR handle = none;
    BULKHEAD_TRY(session_->ok(
        Esys_Load(esys, storage.key.get(), ESYS_TR_PASSWORD, none, none, &in_private, &in_public, &handle),
        "load what was sealed: it was altered, or sealed by another TPM"));
    const Loaded object(esys, handle);
    TPM2B_SENSITIVE_DATA* data = nullptr;
    BULKHEAD_TRY(session_->ok(Esys_Unseal(esys, handle, ESYS_TR_PASSWORD, none, none, &data), "unseal"));
    const Given<TPM2B_SENSITIVE_DATA> given(data);
    return text_of(*data);
}

}  // namespace bulkhead::attestation
