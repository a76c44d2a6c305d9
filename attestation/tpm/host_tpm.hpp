// One TPM 2.0 through tpm2-tss ESAPI: the host's, or (before its guest starts) a partition's virtual one. No
// other module includes tss2's headers. One context, used from one thread at a time (ESAPI contexts are not
// thread-safe). Public areas, signatures and blobs are in the TPM's own marshalled form (TPM 2.0 Part 2), so
// that attestation/wire parses them everywhere.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "attestation/wire/quote.hpp"
#include "base/error.hpp"

namespace bulkhead::attestation {

class HostTpm {
  public:
    // A TCTI string of tpm2-tss: "device:/dev/tpmrm0", or "swtpm:path=/run/bulkhead/tpm/host", whose control
    // socket must then be /run/bulkhead/tpm/host.ctrl (tpm2-tss 3.2 appends that itself). A swtpm serves one
    // caller: a second open() waits until the first is gone. What a dead process left loaded in a swtpm is
    // flushed.
    // Makes the EK (TCG EK Credential Profile, ECC P-256 template L-2) and the AK (restricted ECDSA P-256
    // signing key in the endorsement hierarchy, whose template is wire::ak_template()), the same ones on
    // every open. The hierarchies have no password. Code::unavailable if nothing answers there.
    static Result<std::unique_ptr<HostTpm>> open(const std::string& tcti);
    ~HostTpm();
    HostTpm(const HostTpm&) = delete;
    HostTpm& operator=(const HostTpm&) = delete;

    const std::string& ek_public() const;  // TPMT_PUBLIC
    const std::string& ak_public() const;  // TPMT_PUBLIC
    Result<std::string> ek_certificate();  // DER from NV (0x01c0000a); empty: it has none

    // `qualifying`: 32 bytes. SHA-256 bank. The PCR values are those that were quoted: read again until they
    // match.
    Result<Quote> quote(std::string_view qualifying, const std::vector<unsigned>& pcrs);
    Result<> extend(unsigned pcr, std::string_view digest);
    Result<std::string> read_pcr(unsigned pcr);
    // TPM2_ActivateCredential with EK and AK: `credential` is TPM2B_ID_OBJECT, `secret` is
    // TPM2B_ENCRYPTED_SECRET.
    Result<std::string> activate(std::string_view credential, std::string_view secret);
    // The AK's signature (TPMT_SIGNATURE) over bytes that the TPM hashes itself (TPM2_Hash's ticket lets a
    // restricted key sign them; they can't begin with TPM_GENERATED_VALUE). At most 1024 bytes.
    Result<std::string> sign(std::string_view message);
    // 1 to 128 bytes that only this TPM gives back (a keyed-hash object below the storage key).
    Result<std::string> seal(std::string_view secret);
    Result<std::string> unseal(std::string_view sealed);

  private:
    struct Session;
    explicit HostTpm(std::unique_ptr<Session> session);
    std::unique_ptr<Session> session_;
};

}  // namespace bulkhead::attestation
