// What HostTpm's parts share: the context, what is loaded in the TPM, and TSS2's results as errors.
#pragma once

#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "attestation/tpm/host_tpm.hpp"

namespace bulkhead::attestation {

struct EndTcti {
    void operator()(TSS2_TCTI_CONTEXT* tcti) const { Tss2_TctiLdr_Finalize(&tcti); }
};
struct EndEsys {
    void operator()(ESYS_CONTEXT* esys) const { Esys_Finalize(&esys); }
};
struct FreeGiven {
    void operator()(void* given) const { Esys_Free(given); }
};
using Tcti = std::unique_ptr<TSS2_TCTI_CONTEXT, EndTcti>;
using Esys = std::unique_ptr<ESYS_CONTEXT, EndEsys>;
// For calls that take more handles or sessions than there are.
inline constexpr ESYS_TR none = ESYS_TR_NONE;

template <class T>
using Given = std::unique_ptr<T, FreeGiven>;  // what ESAPI gives out

// A key or session in one of the TPM's few slots; flushed when it goes out of scope.
class Loaded {
  public:
    Loaded() = default;
    Loaded(ESYS_CONTEXT* esys, ESYS_TR handle) : esys_(esys), handle_(handle) {}
    Loaded(Loaded&& other) noexcept
        : esys_(other.esys_), handle_(std::exchange(other.handle_, ESYS_TR_NONE)) {}
    Loaded& operator=(Loaded&& other) noexcept {
        std::swap(esys_, other.esys_);
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Loaded() {
        if (handle_ != ESYS_TR_NONE) Esys_FlushContext(esys_, handle_);
    }
    ESYS_TR get() const { return handle_; }

  private:
    ESYS_CONTEXT* esys_ = nullptr;
    ESYS_TR handle_ = ESYS_TR_NONE;
};

struct HostTpm::Session {
    std::string where;  // the TCTI string, for errors
    Tcti tcti;
    Esys esys;  // after tcti, since it is to go first
    Loaded ak;
    std::string ek_public;
    std::string ak_public;

    // An error of the TPM in words, if `result` is one.
    Result<> ok(TSS2_RC result, const char* what) const;
    struct Primary {
        Loaded key;
        std::string public_area;  // TPMT_PUBLIC
    };
    // The same key for the same template every time, since a hierarchy's seed stays.
    Result<Primary> make_primary(ESYS_TR hierarchy, std::string_view public_template, const char* what) const;
    Result<bool> has_nv_index(TPM2_HANDLE index) const;
    // What a process before us left in the slots of a TPM that has no resource manager.
    Result<> flush_leftovers() const;
};

// `text` must fit, or false.
template <class Sized>
bool fill(Sized& target, std::string_view text) {
    if (text.size() > sizeof(target.buffer)) return false;
    target.size = static_cast<UINT16>(text.size());
    std::copy(text.begin(), text.end(), target.buffer);
    return true;
}

template <class Sized>
std::string text_of(const Sized& sized) {
    return {sized.buffer, sized.buffer + sized.size};
}

}  // namespace bulkhead::attestation
