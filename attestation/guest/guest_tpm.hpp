// A partition's virtual TPM, seen from inside: what the guest's agent needs of it, in the TPM's own commands.
// tpm2-tss ships no static libraries, and the agent is static. Templates are those of the host's TPM
// (wire/public_area.hpp).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "attestation/wire/quote.hpp"
#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::attestation {

class GuestTpm {
  public:
    // /dev/tpmrm0. Code::unavailable if there is none.
    static Result<std::unique_ptr<GuestTpm>> open(const std::filesystem::path& device);
    // Blocking, and started (the kernel of a guest has done that).
    static Result<std::unique_ptr<GuestTpm>> open(Fd tpm);
    ~GuestTpm();
    GuestTpm(const GuestTpm&) = delete;
    GuestTpm& operator=(const GuestTpm&) = delete;

    const std::string& ek_public() const { return ek_public_; }  // TPMT_PUBLIC
    const std::string& ak_public() const { return ak_public_; }  // TPMT_PUBLIC
    // As HostTpm's.
    Result<Quote> quote(std::string_view qualifying, const std::vector<unsigned>& pcrs);
    Result<std::string> activate(std::string_view credential, std::string_view secret);

  private:
    explicit GuestTpm(Fd tpm) : tpm_(std::move(tpm)) {}
    Result<> make_keys();
    Result<std::string> read_pcr(unsigned pcr);

    Fd tpm_;
    std::uint32_t ak_ = 0;  // its handle; 0: not made yet
    std::string ek_public_;
    std::string ak_public_;
};

}  // namespace bulkhead::attestation
