#include "attestation/tpm/session.hpp"

#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_sys.h>

#include <array>

namespace bulkhead::attestation {

Result<> HostTpm::Session::ok(TSS2_RC result, const char* what) const {
    if (result == TSS2_RC_SUCCESS) return {};
    // Format one (TPM 2.0 Part 2, clause 6.6.3) is about what was asked. The others are about the TPM: it has
    // no room, it is locked out or tests itself.
    const auto layer = result & TSS2_RC_LAYER_MASK;
    const bool about_request = layer == TSS2_TPM_RC_LAYER && (result & TPM2_RC_FMT1) != 0;
    const Code code = about_request ? Code::refused : Code::unavailable;
    return fail(code, std::string("the TPM can't ") + what + ": " + Tss2_RC_Decode(result), where);
}

Result<HostTpm::Session::Primary> HostTpm::Session::make_primary(ESYS_TR hierarchy,
                                                                 std::string_view public_template,
                                                                 const char* what) const {
    TPM2B_PUBLIC in_public{};
    std::size_t offset = 0;
    BULKHEAD_TRY(
        ok(Tss2_MU_TPMT_PUBLIC_Unmarshal(reinterpret_cast<const std::uint8_t*>(public_template.data()),
                                         public_template.size(), &offset, &in_public.publicArea),
           "read a template"));
    const TPM2B_SENSITIVE_CREATE sensitive{};
    const TPM2B_DATA outside{};
    const TPML_PCR_SELECTION creation_pcrs{};
    ESYS_TR handle = ESYS_TR_NONE;
    TPM2B_PUBLIC* out_public = nullptr;
    BULKHEAD_TRY(ok(Esys_CreatePrimary(esys.get(), hierarchy, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                                       &sensitive, &in_public, &outside, &creation_pcrs, &handle, &out_public,
                                       nullptr, nullptr, nullptr),
                    what));
    const Given<TPM2B_PUBLIC> given(out_public);
    Primary primary{.key = Loaded(esys.get(), handle), .public_area = {}};
    std::array<std::uint8_t, sizeof(TPMT_PUBLIC)> bytes{};
    std::size_t size = 0;
    BULKHEAD_TRY(
        ok(Tss2_MU_TPMT_PUBLIC_Marshal(&out_public->publicArea, bytes.data(), bytes.size(), &size), what));
    primary.public_area.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    return primary;
}

Result<bool> HostTpm::Session::has_nv_index(TPM2_HANDLE index) const {
    TPMI_YES_NO more = 0;
    TPMS_CAPABILITY_DATA* data = nullptr;
    BULKHEAD_TRY(ok(Esys_GetCapability(esys.get(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, TPM2_CAP_HANDLES,
                                       index, 1, &more, &data),
                    "list its NV indices"));
    const Given<TPMS_CAPABILITY_DATA> given(data);
    return data->data.handles.count == 1 && data->data.handles.handle[0] == index;
}

Result<> HostTpm::Session::flush_leftovers() const {
    TSS2_SYS_CONTEXT* sys = nullptr;
    BULKHEAD_TRY(ok(Esys_GetSysContext(esys.get(), &sys), "be asked for its handles"));
    for (const TPM2_HANDLE first : {TPM2_TRANSIENT_FIRST, TPM2_LOADED_SESSION_FIRST}) {
        TPMI_YES_NO more = 0;
        TPMS_CAPABILITY_DATA* data = nullptr;
        BULKHEAD_TRY(ok(Esys_GetCapability(esys.get(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                           TPM2_CAP_HANDLES, first, TPM2_MAX_CAP_HANDLES, &more, &data),
                        "list what is loaded"));
        const Given<TPMS_CAPABILITY_DATA> given(data);
        for (UINT32 i = 0; i < data->data.handles.count; ++i)
            BULKHEAD_TRY(
                ok(Tss2_Sys_FlushContext(sys, data->data.handles.handle[i]), "flush what is loaded"));
    }
    return {};
}

}  // namespace bulkhead::attestation
