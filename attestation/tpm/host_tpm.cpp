#include "attestation/tpm/host_tpm.hpp"

#include <tss2/tss2_mu.h>

#include <array>

#include "attestation/tpm/session.hpp"
#include "attestation/wire/algorithms.hpp"
#include "attestation/wire/public_area.hpp"

namespace bulkhead::attestation {
namespace {

constexpr int quote_tries = 8;

Result<std::string> marshalled(const TPMT_SIGNATURE& signature) {
    std::array<std::uint8_t, sizeof(TPMT_SIGNATURE)> bytes{};
    std::size_t size = 0;
    if (Tss2_MU_TPMT_SIGNATURE_Marshal(&signature, bytes.data(), bytes.size(), &size) != TSS2_RC_SUCCESS)
        return fail(Code::internal, "the TPM gave a signature that can't be written down");
    return std::string(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
}

TPML_PCR_SELECTION selection_of(const std::vector<unsigned>& pcrs) {
    TPML_PCR_SELECTION selection{.count = 1, .pcrSelections = {{.hash = TPM2_ALG_SHA256, .sizeofSelect = 3}}};
    for (const unsigned pcr : pcrs) {
        BYTE& byte = selection.pcrSelections[0].pcrSelect[pcr / 8];
        byte = static_cast<BYTE>(byte | 1U << pcr % 8);
    }
    return selection;
}

Result<> check_pcr(unsigned pcr) {
    if (pcr < wire::pcr_count) return {};
    return fail(Code::invalid, "there is no PCR " + std::to_string(pcr), {}, "0 to 23");
}

}  // namespace

HostTpm::HostTpm(std::unique_ptr<Session> session) : session_(std::move(session)) {
}
HostTpm::~HostTpm() = default;

Result<std::unique_ptr<HostTpm>> HostTpm::open(const std::string& tcti) {
    auto session = std::make_unique<Session>();
    session->where = tcti;
    TSS2_TCTI_CONTEXT* tcti_context = nullptr;
    if (Tss2_TctiLdr_Initialize(tcti.c_str(), &tcti_context) != TSS2_RC_SUCCESS)
        return fail(Code::unavailable, "no TPM answers", tcti, "device:/dev/tpmrm0, or swtpm:path=SOCKET");
    session->tcti.reset(tcti_context);
    ESYS_CONTEXT* esys = nullptr;
    BULKHEAD_TRY(session->ok(Esys_Initialize(&esys, tcti_context, nullptr), "be opened"));
    session->esys.reset(esys);
    // Firmware or the kernel has done it already, but for a software TPM that nobody else starts.
    const TSS2_RC started = Esys_Startup(esys, TPM2_SU_CLEAR);
    if (started != TPM2_RC_INITIALIZE) BULKHEAD_TRY(session->ok(started, "be started"));
    if (tcti.starts_with("swtpm")) BULKHEAD_TRY(session->flush_leftovers());
    // The EK is made again when it is needed: a TPM has three slots, and the AK always takes one.
    BULKHEAD_TRY_ASSIGN(const auto ek, session->make_primary(ESYS_TR_RH_ENDORSEMENT, wire::ek_template(),
                                                             "make its endorsement key"));
    session->ek_public = ek.public_area;
    BULKHEAD_TRY_ASSIGN(auto ak, session->make_primary(ESYS_TR_RH_ENDORSEMENT, wire::ak_template(),
                                                       "make its attestation key"));
    session->ak_public = ak.public_area;
    session->ak = std::move(ak.key);
    return std::unique_ptr<HostTpm>(new HostTpm(std::move(session)));
}

const std::string& HostTpm::ek_public() const {
    return session_->ek_public;
}

const std::string& HostTpm::ak_public() const {
    return session_->ak_public;
}

Result<std::string> HostTpm::read_pcr(unsigned pcr) {
    BULKHEAD_TRY(check_pcr(pcr));
    const TPML_PCR_SELECTION selection = selection_of({pcr});
    UINT32 counter = 0;
    TPML_PCR_SELECTION* read = nullptr;
    TPML_DIGEST* values = nullptr;
    BULKHEAD_TRY(session_->ok(
        Esys_PCR_Read(session_->esys.get(), none, none, none, &selection, &counter, &read, &values),
        "read a PCR"));
    const Given<TPML_PCR_SELECTION> given_read(read);
    const Given<TPML_DIGEST> given(values);
    if (values->count != 1 || values->digests[0].size != wire::sha256_size)
        return fail(Code::unsupported, "the TPM has no SHA-256 bank of PCRs", session_->where, {},
                    "turn the SHA-256 bank on in the firmware's setup");
    return text_of(values->digests[0]);
}

Result<Quote> HostTpm::quote(std::string_view qualifying, const std::vector<unsigned>& pcrs) {
    TPM2B_DATA data{};
    if (qualifying.size() != wire::sha256_size || !fill(data, qualifying))
        return fail(Code::invalid, "a quote is made over 32 bytes, not " + std::to_string(qualifying.size()));
    for (const unsigned pcr : pcrs) BULKHEAD_TRY(check_pcr(pcr));
    const TPML_PCR_SELECTION selection = selection_of(pcrs);
    const TPMT_SIG_SCHEME scheme{.scheme = TPM2_ALG_NULL, .details = {}};
    // The values are read before and after: what did not change in between is what was quoted.
    for (int i = 0; i < quote_tries; ++i) {
        Quote quote;
        for (const unsigned pcr : pcrs) {
            BULKHEAD_TRY_ASSIGN(quote.pcrs[pcr], read_pcr(pcr));
        }
        TPM2B_ATTEST* attest = nullptr;
        TPMT_SIGNATURE* signature = nullptr;
        BULKHEAD_TRY(session_->ok(Esys_Quote(session_->esys.get(), session_->ak.get(), ESYS_TR_PASSWORD, none,
                                             none, &data, &scheme, &selection, &attest, &signature),
                                  "quote"));
        const Given<TPM2B_ATTEST> given(attest);
        const Given<TPMT_SIGNATURE> given_signature(signature);
        quote.attest.assign(attest->attestationData, attest->attestationData + attest->size);
        BULKHEAD_TRY_ASSIGN(quote.signature, marshalled(*signature));
        bool same = true;
        for (const auto& [index, value] : quote.pcrs) {
            BULKHEAD_TRY_ASSIGN(const std::string now, read_pcr(index));
            same = same && now == value;
        }
        if (same) return quote;
    }
    return fail(Code::conflict, "PCRs changed during each of " + std::to_string(quote_tries) + " quotes",
                session_->where);
}

Result<> HostTpm::extend(unsigned pcr, std::string_view digest) {
    BULKHEAD_TRY(check_pcr(pcr));
    TPML_DIGEST_VALUES values{.count = 1, .digests = {{.hashAlg = TPM2_ALG_SHA256, .digest = {}}}};
    if (digest.size() != wire::sha256_size)
        return fail(Code::invalid, "a PCR is extended by 32 bytes, not " + std::to_string(digest.size()));
    std::copy(digest.begin(), digest.end(), values.digests[0].digest.sha256);
    // ESYS_TR_PCR0 to ESYS_TR_PCR23 are 0 to 23.
    return session_->ok(
        Esys_PCR_Extend(session_->esys.get(), ESYS_TR_PCR0 + pcr, ESYS_TR_PASSWORD, none, none, &values),
        "extend a PCR");
}

Result<std::string> HostTpm::sign(std::string_view message) {
    TPM2B_MAX_BUFFER buffer{};
    if (!fill(buffer, message))
        return fail(Code::invalid, "the TPM signs at most 1024 bytes, not " + std::to_string(message.size()));
    TPM2B_DIGEST* digest = nullptr;
    TPMT_TK_HASHCHECK* ticket = nullptr;
    BULKHEAD_TRY(session_->ok(Esys_Hash(session_->esys.get(), none, none, none, &buffer, TPM2_ALG_SHA256,
                                        ESYS_TR_RH_ENDORSEMENT, &digest, &ticket),
                              "hash"));
    const Given<TPM2B_DIGEST> given_digest(digest);
    const Given<TPMT_TK_HASHCHECK> given_ticket(ticket);
    const TPMT_SIG_SCHEME scheme{.scheme = TPM2_ALG_NULL, .details = {}};
    TPMT_SIGNATURE* signature = nullptr;
    BULKHEAD_TRY(session_->ok(Esys_Sign(session_->esys.get(), session_->ak.get(), ESYS_TR_PASSWORD, none,
                                        none, digest, &scheme, ticket, &signature),
                              "sign"));
    const Given<TPMT_SIGNATURE> given(signature);
    return marshalled(*signature);
}

}  // namespace bulkhead::attestation
